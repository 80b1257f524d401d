"""What pieces of work cost, and the typical cost of several samples."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Cost:
    """Seconds and bytes; `server` is None where the system does not report it (only Linux does)."""

    wall: float
    server: float | None
    client: float
    wal_bytes: int

    @property
    def cpu(self) -> float:
        """CPU seconds of the server; wall seconds where those are unavailable."""
        return self.wall if self.server is None else self.server

    @property
    def cpu_of_both(self) -> float:
        """CPU seconds of server and client; wall seconds where those are unavailable."""
        return self.wall if self.server is None else self.server + self.client


def total(costs: list[Cost]) -> Cost:
    """Total cost, one after the other."""
    return _combined(costs, sum)


def typical(costs: list[Cost]) -> Cost:
    """Median of each figure."""
    return _combined(costs, median)


class Samples:
    """Costs by name. A name is a path: who, scenario, step."""

    def __init__(self) -> None:
        self.by_name: dict[str, list[Cost]] = defaultdict(list)

    def add(self, name: str, cost: Cost) -> None:
        """Add one sample."""
        self.by_name[name].append(cost)

    def cost(self, name: str) -> Cost:
        """Typical cost of one piece of work."""
        return typical(self.by_name[name])

    def round(self, who_and_scenario: str) -> Cost:
        """Typical cost of doing every piece of work below a name once."""
        return typical(self._rounds(who_and_scenario))

    def all_rounds(self, who_and_scenario: str) -> Cost:
        """Cost of all rounds together: of short ones, a clock's tick is less of it."""
        return total(self._rounds(who_and_scenario))

    def _rounds(self, who_and_scenario: str) -> list[Cost]:
        prefix = f"{who_and_scenario}/"
        pieces = [costs for name, costs in self.by_name.items() if name.startswith(prefix)]
        return [total(list(costs)) for costs in zip(*pieces, strict=True)]


def _combined(costs: list[Cost], combine: Callable[[list[float]], float]) -> Cost:
    servers = [cost.server for cost in costs if cost.server is not None]
    return Cost(
        wall=combine([cost.wall for cost in costs]),
        server=combine(servers) if servers else None,
        client=combine([cost.client for cost in costs]),
        wal_bytes=int(combine([float(cost.wal_bytes) for cost in costs])),
    )
