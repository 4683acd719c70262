"""JSON Schema and an example of the inputs, from their declarations."""

from typing import Any

from scenarios.engine.fields import Declaration, Kind, Spec, declarations
from scenarios.engine.inputs import ScenarioInputs


def inputs_schema() -> dict[str, Any]:
    """JSON Schema (OpenAPI 3 dialect) of the wire form of a scenario's inputs."""
    return _object(ScenarioInputs)


def _object(declared: type) -> dict[str, Any]:
    properties = {item.wire: _schema(item) for item in declarations(declared) if item.spec.settable}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _schema(item: Declaration) -> dict[str, Any]:
    spec = item.spec
    if spec.kind is Kind.GROUP:
        return {**_object(spec.group), "description": spec.help, "nullable": True}
    if spec.kind is Kind.ITEMS:
        entries = _object(spec.group)
        return {"type": "array", "items": entries, "description": spec.help, "nullable": True}
    return {**_leaf(spec), "description": _described(spec), "nullable": True}


def _leaf(spec: Spec) -> dict[str, Any]:
    if spec.kind is Kind.CHOICE:
        return {"type": "string", "enum": [*spec.choices, None]}
    if spec.kind is Kind.TEXT:
        return {"type": "string", "maxLength": 200}
    if spec.kind is Kind.FLAG:
        return {"type": "boolean"}
    if spec.kind is Kind.SERIES:
        entries = {"type": "array", "items": _number(spec)}
        return {"oneOf": [_number(spec), entries]} if spec.whole else entries
    return _number(spec)


def _number(spec: Spec) -> dict[str, Any]:
    """A bare number in the declared unit, or a number with its unit; bounds hold in the declared unit."""
    bare: dict[str, Any] = {"type": "integer" if spec.kind is Kind.INTEGER else "number"}
    if spec.minimum is not None or spec.above is not None:
        bare["minimum"] = spec.minimum if spec.minimum is not None else spec.above
        if spec.above is not None:
            bare["exclusiveMinimum"] = True
    if spec.maximum is not None or spec.below is not None:
        bare["maximum"] = spec.maximum if spec.maximum is not None else spec.below
        if spec.below is not None:
            bare["exclusiveMaximum"] = True
    with_unit = {
        "type": "object",
        "required": ["value"],
        "additionalProperties": False,
        "properties": {"value": {"type": "number"}, "unit": {"type": "string", "nullable": True}},
    }
    return {"oneOf": [bare, with_unit]}


def _described(spec: Spec) -> str:
    unit = "" if spec.unit == "1" else f" [{spec.unit}]"
    return f"{spec.help}{unit}"


def template() -> dict[str, Any]:
    """The wire form with every settable input left out (null): what ``manage.py inputs_template`` prints."""
    return _blank(ScenarioInputs)


def _blank(declared: type) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for item in declarations(declared):
        if not item.spec.settable:
            continue
        if item.spec.kind is Kind.GROUP:
            made[item.wire] = _blank(item.spec.group)
        elif item.spec.kind is Kind.ITEMS:
            made[item.wire] = [_blank(item.spec.group)]
        else:
            made[item.wire] = None
    return made
