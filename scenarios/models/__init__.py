"""Scenarios of a project, the calculations that were made of them, and who makes them."""

from scenarios.models.calculation import Calculation, IdempotencyKey
from scenarios.models.run import Run, Worker
from scenarios.models.scenario import Scenario

__all__ = ["Calculation", "IdempotencyKey", "Run", "Scenario", "Worker"]
