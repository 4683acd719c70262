"""Statements as they are shown to people."""

import re

MOST_CHARACTERS = 500

_LITERAL = re.compile(r"'(?:[^']|'')*'")
_LIST = re.compile(r"%s(?:, %s){3,}")
_ROWS = re.compile(r"(\(%s, \.\.\.\))(?:, \(%s, \.\.\.\))+")
_SPACE = re.compile(r"\s+")


def shape(sql: str) -> str:
    """What a statement does, on one line without a value: the same for all that differ in their values alone.

    Lists of placeholders are one, texts written into the statement are ``'?'``; cut at ``MOST_CHARACTERS``.
    """
    text = _LIST.sub("%s, ...", _LITERAL.sub("'?'", _SPACE.sub(" ", sql).strip()))
    text = _ROWS.sub(r"\1, ...", text)
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 3] + "..."
