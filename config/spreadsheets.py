"""What somebody wrote, on its way into a spreadsheet: text stays text there, and comes back as it was."""

import re
from typing import Any

# A spreadsheet takes for a formula what begins so, the full-width forms included. Where its list separator is the
# semicolon, it also cuts a cell of a CSV file there, as at a tab or at the end of a line, and looks at each piece.
_STARTS = r"=+\-@\t\r\n＝＋－＠"
_FORMULA = re.compile(rf"(\A|[;\t\r\n])(?='*[{_STARTS}])")
_ESCAPED = re.compile(rf"(\A|[;\t\r\n])'(?='*[{_STARTS}])")
_NUMBER = re.compile(r"[+-]?\d*\.?\d+([eE][+-]?\d+)?")


def escaped(cell: Any) -> Any:
    """The cell, with an apostrophe before whatever a spreadsheet would run; numbers stay numbers."""
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell):
        return cell
    return _FORMULA.sub(r"\1'", cell)


def unescaped(cell: Any) -> Any:
    """What ``escaped`` was given."""
    return _ESCAPED.sub(r"\1", cell) if isinstance(cell, str) else cell
