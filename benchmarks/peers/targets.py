"""What we promise beside the others, and whether it holds in this run."""

from dataclasses import dataclass

from benchmarks.cost import Cost
from benchmarks.peers.days import CHANGED, DBT, FIRST, KPI, PROCESS, SQLMESH, STEPS, UNCHANGED
from benchmarks.peers.deliveries import COPY, INGEST, JUDGING, SCENARIO
from benchmarks.peers.results import Results

_DAYS_OF_A_ROW = 5  # each row is in the window of as many daily runs
_NAMES = {DBT: "dbt build", SQLMESH: "sqlmesh run"}
_RESOLUTION = 0.01  # of CPU seconds


@dataclass(frozen=True)
class Target:
    """CPU seconds of ours and of the reference; `ratio` is ours / reference, at most `limit`."""

    name: str
    ours: float
    reference: float
    limit: float

    @property
    def ratio(self) -> float:
        """How many times the reference's cost ours is."""
        return self.ours / max(self.reference, _RESOLUTION)

    @property
    def met(self) -> bool:
        """Whether ours is cheap enough."""
        return self.ratio <= self.limit


def targets(results: Results) -> list[Target]:
    """Return each promise whose participants were measured."""
    copy = _cost(results, COPY, SCENARIO).cpu_of_both
    ingest = _cost(results, INGEST, SCENARIO).cpu_of_both
    judging = _cost(results, JUDGING, SCENARIO).cpu_of_both
    found = [
        Target("kpi ingest, without judging : psql COPY", ingest, copy, 1.5),
        Target("kpi ingest, with judging : psql COPY", ingest + judging, copy, 3),
    ]
    others = [_NAMES[peer] for peer in (DBT, SQLMESH) if peer in results.peers]
    if others:
        found += [
            _server(results, UNCHANGED, others, 1 / 12),
            _server(results, CHANGED, others, 1 / 4),
        ]
    if others and KPI in results.peers:
        ours = _cost(results, PROCESS, UNCHANGED).cpu_of_both
        cheapest = min(_cost(results, who, UNCHANGED).cpu_of_both for who in others)
        found.append(Target("unchanged day, kpi run : the cheapest, both", ours, cheapest, 0.6))
    if DBT in results.peers:
        first = _cost(results, STEPS, FIRST).cpu_of_both
        theirs = _cost(results, _NAMES[DBT], FIRST).cpu_of_both
        arrivals = results.size.rows / results.delivered
        found += [
            Target("first load, our steps : dbt build, both", first, theirs, 1),
            Target(
                "a row over its life, our steps : dbt build, both",
                ingest * arrivals + _life(results, STEPS),
                copy * arrivals + _life(results, _NAMES[DBT]),
                0.4,
            ),
        ]
    return found


def _server(results: Results, scenario: str, others: list[str], limit: float) -> Target:
    ours = _cost(results, STEPS, scenario).cpu
    cheapest = min(_cost(results, who, scenario).cpu for who in others)
    return Target(f"{scenario}, our steps : the cheapest, server", ours, cheapest, limit)


def _life(results: Results, who: str) -> float:
    first, later = (_cost(results, who, scenario).cpu_of_both for scenario in (FIRST, UNCHANGED))
    return first + (_DAYS_OF_A_ROW - 1) * later


def _cost(results: Results, who: str, scenario: str) -> Cost:
    return results.samples.round(f"{who}/{scenario}")
