"""What a place held of a person, and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Done = Literal["deleted", "made nameless", "left"]


@dataclass(frozen=True)
class Trace:
    """So many rows, cells or lines of one place."""

    place: str
    found: int
    done: Done


def by_place(traces: Iterable[Trace]) -> list[Trace]:
    """Return one trace for each place and what was done there; places without any are left out."""
    counts: dict[tuple[str, Done], int] = {}
    for trace in traces:
        kind = trace.place, trace.done
        counts[kind] = counts.get(kind, 0) + trace.found
    return [Trace(place, found, done) for (place, done), found in counts.items() if found]
