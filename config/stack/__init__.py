"""The launcher: one process that owns all the others (``manage.py up``).

``launcher`` starts, watches and stops; ``children`` are processes running our own code; ``prepare`` brings the database
up to date; ``budget`` counts the database connections all of them together may open.
"""
