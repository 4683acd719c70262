from django.db import models


class Stage(models.TextChoices):
    """How far a project has come, from first look to running plant."""

    SCREENING = "screening", "Screening"
    PRE_FEASIBILITY = "pre_feasibility", "Pre-feasibility"
    FEASIBILITY = "feasibility", "Feasibility"
    FEED = "feed", "Front-end engineering design (FEED)"
    FID = "fid", "Final investment decision (FID)"
    CONSTRUCTION = "construction", "Construction"
    OPERATION = "operation", "Operation"
