"""What was measured so far: kept after every size, so that no later one can lose it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from benchmarks.scale.growth import Checked, Growth
from flows.errors import KpiError

Say = Callable[[str], None]


@dataclass(frozen=True)
class Cost:
    """What one piece of work cost at one size."""

    name: str
    unit: str
    cost: float


@dataclass(frozen=True)
class Remark:
    """Why a size has no costs, or under which other setting it has them."""

    of: str
    size: int
    text: str


@dataclass
class _Series:
    """The costs of one part by piece of work and size."""

    of: str
    sizes: Sequence[int]
    check: int | None
    costs: dict[tuple[str, str], dict[int, float]]


class Findings:
    """Costs by part and size. `keep` is called after each size with what there is."""

    def __init__(self, keep: Callable[["Findings"], None], say: Say) -> None:
        self._keep = keep
        self._say = say
        self._series: list[_Series] = []
        self.remarks: list[Remark] = []

    def measure(
        self,
        of: str,
        sizes: Sequence[int],
        costs_of: Callable[[int], Iterable[Cost]],
        check: int | None = None,
    ) -> None:
        """Measure each size, smallest first, and `check`, which no line is drawn through.

        What fails ends this part, because larger sizes fail too: what it had stays, and a remark
        says why.
        """
        series = _Series(of, sizes, check, {})
        self._series.append(series)
        every = sorted({*sizes, *(() if check is None else (check,))})
        for number, size in enumerate(every, 1):
            self._tell(f"{size:,} {of} (size {number} of {len(every)})")
            try:
                for each in costs_of(size):
                    series.costs.setdefault((each.name, each.unit), {})[size] = each.cost
            except (KpiError, OSError, MemoryError, psycopg.Error) as error:
                self.remark(of, size, f"not measured to the end, nor a larger one: {_why(error)}")
                return
            finally:
                self._keep(self)

    def remark(self, of: str, size: int, text: str) -> None:
        """Have the report say something of one size."""
        self.remarks.append(Remark(of, size, text))
        self._tell(f"{size:,} {of}: {text}")

    def growths(self) -> list[Growth]:
        """Return what was measured, in the order of its parts."""
        return [
            Growth(
                name,
                unit,
                series.of,
                {size: costs[size] for size in series.sizes if size in costs},
                None if series.check not in costs else Checked(series.check, costs[series.check]),
            )
            for series in self._series
            for (name, unit), costs in series.costs.items()
        ]

    def _tell(self, text: str) -> None:
        self._say(f"{datetime.now(UTC):%H:%M:%S} {text}")


def _why(error: BaseException) -> str:
    """Return an error's message as one line."""
    return " ".join(str(error).split()) or type(error).__name__
