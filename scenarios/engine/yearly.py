"""Series by year: lists of floats, or of arrays of one float a case.

Where nothing distinguishes two years their entries are one object, and what is made of them is made once.
"""

from collections.abc import Callable, Sequence

from scenarios.engine.formula import Undefined
from scenarios.engine.numeric import Value, is_batch, scaled


def by_year(annual: Value | Undefined, *factors: Sequence[Value]) -> list[Value] | Undefined:
    """``annual`` times the factors of each year; as undefined as ``annual`` itself."""
    if isinstance(annual, Undefined):
        return annual
    if not is_batch(annual):
        first, *others = factors
        flows = [annual * share for share in first]
        for series in others:
            flows = [flow * share for flow, share in zip(flows, series, strict=True)]
        return flows
    made: list[Value] = []
    last: tuple[Value, ...] = ()
    for shares in zip(*factors, strict=True):
        if made and all(_same(share, before) for share, before in zip(shares, last, strict=True)):
            made.append(made[-1])
            continue
        value = annual
        for share in shares:
            value = scaled(value, share)
        made.append(value)
        last = shares
    return made


def _same(a: Value, b: Value) -> bool:
    return a is b or (type(a) is float and type(b) is float and a == b)


def year_by_year(combine: Callable[..., Value], *series: Sequence[Value]) -> list[Value]:
    """``combine`` over the entries of each year, made once for years that share their entries.

    One case is a handful of floats, which are combined faster than compared.
    """
    if not is_batch(*[entries[0] for entries in series]):
        return list(map(combine, *series))
    made: list[Value] = []
    last: tuple[Value, ...] = ()
    for entries in zip(*series, strict=True):
        if made and all(a is b for a, b in zip(entries, last, strict=True)):
            made.append(made[-1])
        else:
            made.append(combine(*entries))
        last = entries
    return made
