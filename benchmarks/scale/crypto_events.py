"""Crypto events by rows of the window, by older rows, and by days: each step of each day."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from psycopg import sql

from benchmarks.cost import Samples
from benchmarks.crypto_events import data, ours
from benchmarks.crypto_events.bench import filled_database
from benchmarks.meter import Meter
from benchmarks.scale.findings import Cost, Findings, Say
from flows.crypto_events.run import plan_run
from flows.errors import KpiError
from flows.local.postgres.server import PostgresServer
from flows.platform.warehouse.connection import connect
from flows.settings import Settings

FIRST, UNCHANGED, FEW = "first load", "unchanged day", "few changed rows"
_DISK = "the database after it"
_TOTAL = "all steps"
_MEGABYTE = 1024**2


def grow_rows(
    found: Findings, server: PostgresServer, home: Path, sizes: Sequence[int], check: int, say: Say
) -> None:
    """Find how steps and the database grow with the rows of the window."""

    def costs_of(rows: int) -> Iterator[Cost]:
        return _measure(server, home, data.Size(rows, 0, 0, 1), say)

    found.measure("rows of the window", sizes, costs_of, check)


def grow_history(
    found: Findings, server: PostgresServer, home: Path, rows: int, sizes: Sequence[int], say: Say
) -> None:
    """Find how a window of `rows` grows with the published rows before it."""

    def costs_of(older: int) -> Iterator[Cost]:
        return _totals(_measure(server, home, data.Size(rows, older, 0, 1), say))

    found.measure(f"older rows, beside {rows:,}", sizes, costs_of)


def grow_days(
    found: Findings, server: PostgresServer, home: Path, daily: int, sizes: Sequence[int], say: Say
) -> None:
    """Find how a run grows with the days of its window, of `daily` rows each."""

    def costs_of(days: int) -> Iterator[Cost]:
        return _totals(_measure(server, home, data.Size(days * daily, 0, 0, 1), say, days))

    found.measure(f"days of {daily:,} rows", sizes, costs_of)


def _measure(
    server: PostgresServer, home: Path, size: data.Size, say: Say, window_days: int = 5
) -> Iterator[Cost]:
    if server.pid is None:
        raise KpiError("The benchmark's server does not run.")
    say(f"  filling {size.rows:,} rows in {window_days} days, {size.history:,} older ones")
    samples = Samples()
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
            yield _cost(scenario, _TOTAL, samples.round(scenario).cpu_of_both)
            for step in ours.STEPS:
                yield _cost(scenario, step, samples.cost(f"{scenario}/{step}").cpu_of_both)
            if scenario == FIRST:
                yield Cost(f"crypto events, {FIRST}: {_DISK}", "MB", _disk(settings))


def _cost(scenario: str, what: str, cpu: float) -> Cost:
    return Cost(f"crypto events, {scenario}: {what}", "CPU s", cpu)


def _disk(settings: Settings) -> float:
    with connect(settings, "benchmark", autocommit=True) as connection:
        size = connection.execute(
            sql.SQL("SELECT pg_database_size(current_database()) AS bytes")
        ).fetchone()
    return float(size["bytes"]) / _MEGABYTE if size else 0.0


def _totals(costs: Iterator[Cost]) -> Iterator[Cost]:
    return (each for each in costs if each.name.endswith(_TOTAL))
