"""Complete inputs as they are stored with a calculation: every value by path, with its origin."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from scenarios.engine.fields import camel_path
from scenarios.engine.origins import ResolvedValue
from scenarios.engine.resolution import Resolution


def resolution_hash(resolution: Resolution) -> str:
    """Stands for the values of complete inputs, whatever their origin or the way they were written."""
    # Paths alone are sorted in half the time of pairs.
    values = [(path, resolution.values[path].value) for path in sorted(resolution.values)]
    return hashlib.blake2b(orjson.dumps(values), digest_size=24).hexdigest()


def snapshot(resolution: Resolution) -> dict[str, dict[str, Any]]:
    """By wire path: value, unit, origin, and the source and confidence of a default."""
    taken = {}
    for path, found in resolution.values.items():
        entry = {"value": found.value, "unit": found.unit, "origin": found.origin}
        if found.source:
            entry["source"], entry["confidence"] = found.source, found.confidence
        if found.given is not None:
            # Calculations share what they have resolved alike.
            entry["given"] = dict(found.given)
        taken[camel_path(path)] = entry
    return taken


def origins_of(stored: Mapping[str, Mapping[str, Any]]) -> dict[str, ResolvedValue]:
    """A stored snapshot as the engine knows it, by wire path."""
    return {
        path: ResolvedValue(
            path,
            tuple(entry["value"]) if isinstance(entry["value"], list) else entry["value"],
            entry["unit"],
            entry["origin"],
            entry.get("source"),
            entry.get("confidence"),
            entry.get("given"),
        )
        for path, entry in stored.items()
    }
