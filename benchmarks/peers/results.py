"""What a benchmark of the peers measured."""

from dataclasses import dataclass

from benchmarks.cost import Samples
from benchmarks.crypto_events.data import Size


@dataclass(frozen=True)
class Results:
    """What was measured, with which versions; `live_rows` is what all hold, by scenario."""

    size: Size
    delivered: int
    samples: Samples
    live_rows: dict[str, int]
    postgres: str
    peers: tuple[str, ...]
