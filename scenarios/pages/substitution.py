"""A formula with the numbers put in, where its words are arithmetic: "TCI × CRF" is "400,000,000 × 0.0944".

Words that do not come to the value are left as they are: what is shown is always true.
"""

import ast
import math
import operator
import re
from collections.abc import Mapping

from config.figures import rounded

_OPERATIONS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}  # fmt: skip
# How far what the numbers come to may be off what was calculated.
_TOLERANCE = 1e-9
_LETTERS = re.compile(r"[^\W\d_]")
_EXPONENT = re.compile(r"(?<=\d)e(?=[+-]?\d)")
# Longest that is a symbol rather than a word.
_SYMBOL = 4


class Numbers:
    """Numbers to be put into formulas, by symbol, in its case (n and N are two), or by name, in any."""

    def __init__(self, numbers: Mapping[str, float]) -> None:
        self._numbers = numbers
        self._folded = {name.casefold(): number for name, number in numbers.items() if len(name) > _SYMBOL}
        names = sorted((name for name in numbers if name), key=len, reverse=True)
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names)) or '(?!)'})(?!\w)", re.IGNORECASE)

    def put_into(self, words: str, value: float) -> str | None:
        """``words`` with every name replaced by its number as it is read; None unless they come to ``value``.

        Args:
            words: a formula such as "(OPEX + TCI × CRF) / production"; what follows a comma is a remark.
        """
        expression = words.partition(",")[0]
        used: dict[str, float] = {}

        def number(match: re.Match[str]) -> str:
            word = match.group()
            found = self._numbers.get(word, self._folded.get(word.casefold()))
            if found is None:
                return word
            used[word] = found
            return f"({found!r})"

        exact = self._pattern.sub(number, expression)
        # Words that are left make no arithmetic: most formulas are told apart by that.
        if not used or _LETTERS.search(_EXPONENT.sub("", exact)):
            return None
        found = _calculated(exact)
        if found is None or not math.isclose(found, value, rel_tol=_TOLERANCE, abs_tol=0.0):
            return None
        return self._pattern.sub(lambda match: _written(used[match.group()]), expression)


def _written(number: float) -> str:
    text = rounded(number)
    return f"({text})" if number < 0 else text


def _calculated(expression: str) -> float | None:
    """What plain arithmetic comes to, None for anything else."""
    python = expression.replace("×", "*").replace("^", "**").replace(")(", ")*(")
    try:
        found = _value(ast.parse(python, mode="eval").body)
    except (SyntaxError, ValueError, ArithmeticError, TypeError):
        return None
    return found if math.isfinite(found) else None


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _OPERATIONS:
            return float(_OPERATIONS[type(operation)](_value(left), _value(right)))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
    raise ValueError("no arithmetic")
