"""PostgreSQL and Valkey from wheels, under VAR_DIR, for a machine that has neither.

``runtime`` tells every process where they are; ``place`` chooses their folder and user; ``postgres`` and ``valkey``
start and stop one server each; ``servers`` names those needed. No Django here: settings are read after they run.
"""
