"""How the audit names what is changed of a project."""

from typing import Any

from accounts.sentences import spaced, text_of
from projects.choices import Stage


def project_wording(path: str, value: Any) -> tuple[str, str]:
    if path == "stage" and value in Stage.values:
        return "stage", Stage(value).label
    if path == "progress" and isinstance(value, int | float):
        return "progress", f"{100 * value:.10g} %"
    return spaced(path).lower(), text_of(value)
