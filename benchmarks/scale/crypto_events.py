"""Crypto events by rows of the window, by older rows, and by days: each step of each day."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from psycopg import sql

from benchmarks.cost import Samples
from benchmarks.crypto_events import data, ours
from benchmarks.crypto_events.bench import filled_database
from benchmarks.meter import Meter
from benchmarks.scale.growth import Checked, Growth
from flows.crypto_events.run import plan_run
from flows.errors import KpiError
from flows.local.postgres.server import PostgresServer
from flows.platform.warehouse.connection import connect
from flows.settings import Settings

FIRST, UNCHANGED, FEW = "first load", "unchanged day", "few changed rows"
DISK = "the database after it"
_TOTAL = "all steps"
_MEGABYTE = 1024**2

Say = Callable[[str], None]
_Costs = Mapping[tuple[str, str], float]


def grow_rows(
    server: PostgresServer, home: Path, sizes: Sequence[int], check: int, say: Say
) -> list[Growth]:
    """Return how steps and the database grow with the rows of the window."""
    found = {
        rows: _measure(server, home, data.Size(rows, 0, 0, 1), say)
        for rows in sorted({*sizes, check})
    }
    return _growths(found, "rows of the window", sizes, check)


def grow_history(
    server: PostgresServer, home: Path, rows: int, sizes: Sequence[int], say: Say
) -> list[Growth]:
    """Return how a window of `rows` grows with the published rows before it."""
    found = {older: _measure(server, home, data.Size(rows, older, 0, 1), say) for older in sizes}
    return _totals(_growths(found, f"older rows, beside {rows:,}", sizes))


def grow_days(
    server: PostgresServer, home: Path, rows_per_day: int, sizes: Sequence[int], say: Say
) -> list[Growth]:
    """Return how a run grows with the days of its window, of `rows_per_day` each."""
    found = {
        days: _measure(server, home, data.Size(days * rows_per_day, 0, 0, 1), say, days)
        for days in sizes
    }
    return _totals(_growths(found, f"days of {rows_per_day:,} rows", sizes))


def _measure(
    server: PostgresServer, home: Path, size: data.Size, say: Say, window_days: int = 5
) -> _Costs:
    if server.pid is None:
        raise KpiError("The benchmark's server does not run.")
    say(f"{size.rows:,} rows in {window_days} days, {size.history:,} older ones: filling")
    samples = Samples()
    costs: dict[tuple[str, str], float] = {}
    name = f"scale_{size.rows}_{size.history}_{window_days}"
    with (
        filled_database(server, home, name, size, window_days) as settings,
        closing(Meter(settings, server.pid, samples)) as meter,
    ):
        for scenario in (FIRST, UNCHANGED, FEW):
            say(f"  {scenario}")
            if scenario == FEW:
                data.change_few(settings, size, 1)
            ours.measure_run(settings, meter, scenario, plan_run(settings, data.AS_OF))
            if scenario == FIRST:
                costs[FIRST, DISK] = _disk(settings)
    for scenario in (FIRST, UNCHANGED, FEW):
        costs[scenario, _TOTAL] = samples.round(scenario).cpu_of_both
    for path in samples.by_name:
        scenario, step = path.split("/")
        costs[scenario, step] = samples.cost(path).cpu_of_both
    return costs


def _disk(settings: Settings) -> float:
    with connect(settings, "benchmark", autocommit=True) as connection:
        size = connection.execute(
            sql.SQL("SELECT pg_database_size(current_database()) AS bytes")
        ).fetchone()
    return float(size["bytes"]) / _MEGABYTE if size else 0.0


def _growths(
    found: Mapping[int, _Costs], of: str, sizes: Sequence[int], check: int | None = None
) -> list[Growth]:
    first = found[min(found)]
    return [
        Growth(
            f"crypto events, {scenario}: {what}",
            "MB" if what == DISK else "CPU s",
            of,
            {size: found[size][scenario, what] for size in sizes},
            None if check is None else Checked(check, found[check][scenario, what]),
        )
        for scenario, what in sorted(first, key=lambda name: (FIRST, UNCHANGED, FEW).index(name[0]))
    ]


def _totals(growths: Sequence[Growth]) -> list[Growth]:
    return [growth for growth in growths if growth.name.endswith(_TOTAL)]
