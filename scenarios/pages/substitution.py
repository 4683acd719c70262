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
# Longest that is a symbol rather than a word.
_SYMBOL = 4


def with_numbers(words: str, numbers: Mapping[str, float], value: float) -> str | None:
    """``words`` with every name replaced by its number as it is read; None unless they come to ``value``.

    Args:
        words: a formula such as "(OPEX + TCI × CRF) / production"; what follows a comma is a remark.
        numbers: by symbol, in its case (n and N are two), or by name, in any.
    """
    expression = words.partition(",")[0]
    folded = {name.casefold(): number for name, number in numbers.items() if len(name) > _SYMBOL}
    used: dict[str, float] = {}

    def number(match: re.Match[str]) -> str:
        word = match.group()
        found = numbers.get(word, folded.get(word.casefold()))
        if found is None:
            return word
        used[word] = found
        return f"({found!r})"

    names = sorted((name for name in numbers if name), key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", re.IGNORECASE)
    found = _calculated(pattern.sub(number, expression)) if names else None
    if not used or found is None or not math.isclose(found, value, rel_tol=_TOLERANCE, abs_tol=0.0):
        return None
    return pattern.sub(lambda match: _written(used[match.group()]), expression)


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
