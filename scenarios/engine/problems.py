"""What is wrong with a set of inputs, all of it at once."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InputProblem:
    """One fault of one input: where it is (``feedstocks[0].price``), a stable code, and a sentence for people."""

    field: str
    code: str
    message: str


class InputError(ValueError):
    """Inputs that cannot be calculated; ``problems`` names every field at fault."""

    def __init__(self, problems: Iterable[InputProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.field}: {p.message}" for p in self.problems))
