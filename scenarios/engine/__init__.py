"""The method as plain functions of numbers: no Django, no database, no clock, no network.

>>> from scenarios.engine import evaluate, resolve
"""

from scenarios.engine.model import ENGINE_VERSION, evaluate
from scenarios.engine.problems import InputError, InputProblem
from scenarios.engine.resolution import resolve

__all__ = ["ENGINE_VERSION", "InputError", "InputProblem", "evaluate", "resolve"]
