"""The measurements in order: every approach works on the same rows, in one run."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.rows import DictRow

from benchmarks.cost import Samples
from benchmarks.crypto_events import baseline, data, limit, ours
from benchmarks.crypto_events.child import Outcome, run_in_child
from benchmarks.meter import Meter
from flows.crypto_events.run import plan_run
from flows.errors import KpiError
from flows.local.postgres.server import PostgresServer
from flows.platform.warehouse.connection import connect, fetch_one
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings

WITHOUT_HISTORY = "without history/"
A_FIFTH = "a fifth/"
FEW_CHANGED = "ours/few changed"
_ROW_LOOP_ROWS = 50_000  # the cost per row does not depend on the number of rows
_GENERATOR_AS_OF = data.AS_OF + timedelta(days=60)  # days without rows
_ROW_LOOP_DAY = data.AS_OF + timedelta(days=120)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Results:
    """All samples, the processes measured as a whole, and what each approach published."""

    size: data.Size
    samples: Samples
    clean: Outcome
    dirty: Outcome
    generator: Outcome
    generated_rows: int
    row_loop_rows: int
    published: DictRow


def run_benchmark(server: PostgresServer, home: Path, size: data.Size, say: Say) -> Results:
    """Fill, measure, and check that ours and the common approach publish the same rows.

    Raises KpiError when they do not.
    """
    pid = server.pid
    if pid is None:
        raise KpiError("The benchmark's server does not run.")
    samples = Samples()

    say(f"{size.rows:,} rows in the window, no older ones: filling")
    with (
        filled_database(server, home, "without_history", replace(size, history=0)) as settings,
        closing(Meter(settings, pid, samples, WITHOUT_HISTORY)) as meter,
    ):
        _measure_loads(settings, meter, size.repetitions, say)
        _measure_few_changes(settings, meter, size, say)

    fifth = replace(size, rows=max(size.rows // 5, 1), history=0)
    say(f"{fifth.rows:,} rows in the window, no older ones: filling")
    with (
        filled_database(server, home, "a_fifth", fifth) as settings,
        closing(Meter(settings, pid, samples, A_FIFTH)) as meter,
    ):
        ours.measure_run(settings, meter, "ours/first load", plan_run(settings, data.AS_OF))
        _measure_few_changes(settings, meter, fifth, say)

    say(f"{size.rows:,} rows in the window, {size.history:,} older ones: filling")
    with filled_database(server, home, "with_history", size) as settings:
        with closing(Meter(settings, pid, samples)) as meter:
            _measure_loads(settings, meter, size.repetitions, say)
            published = _measure_changes(settings, meter, size, say)
            say("generator, row by row")
            row_loop_rows = min(size.rows, _ROW_LOOP_ROWS)
            baseline.generate_rows(settings, meter, _ROW_LOOP_DAY, row_loop_rows)
        say("processes of their own: a run, one with bad rows, the generator")
        clean = run_in_child(settings, pid, data.AS_OF)
        data.deliver_bad_rows(settings, size)
        dirty = run_in_child(settings, pid, data.AS_OF)
        window_days = plan_run(settings).window_days
        rows_per_day = max(size.rows // window_days, 1)
        generator = run_in_child(settings, pid, _GENERATOR_AS_OF, generate=rows_per_day)
    return Results(
        size,
        samples,
        clean,
        dirty,
        generator,
        rows_per_day * window_days,
        row_loop_rows,
        published,
    )


@contextmanager
def filled_database(
    server: PostgresServer, home: Path, name: str, size: data.Size, window_days: int = 5
) -> Iterator[Settings]:
    """Yield settings for a filled database that exists while the block runs."""
    database = sql.Identifier(name)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
        try:
            settings = ours.benchmark_settings(server.url(name), home, window_days=window_days)
            migrate(settings)
            data.fill(settings, size)
            yield settings
        finally:
            # Also after an error: the next size needs the disk.
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))


def _measure_loads(settings: Settings, meter: Meter, repetitions: int, say: Say) -> None:
    """Measure first loads and unchanged days, each beside their minimum cost."""
    for number in range(1, repetitions + 1):
        say(f"  first load, {number} of {repetitions}")
        ours.empty_window(settings)
        ours.measure_run(settings, meter, "ours/first load", plan_run(settings, data.AS_OF))
        limit.insert_window(settings, meter)
        # While all of the window is staged, and equal to prod, as it was on an unchanged day.
        limit.compare_window(settings, meter)
        limit.check_window(settings, meter)
    _compare_published(settings, data.LIMIT)
    for number in range(1, repetitions + 1):
        say(f"  unchanged day, {number} of {repetitions}")
        ours.measure_run(settings, meter, "ours/unchanged", plan_run(settings, data.AS_OF))


def _measure_few_changes(settings: Settings, meter: Meter, size: data.Size, say: Say) -> None:
    """Measure days on which the same few rows changed, however many the window has."""
    for number in range(1, size.repetitions + 1):
        say(f"  few changed, {number} of {size.repetitions}")
        data.change_few(settings, size, number)
        ours.measure_run(settings, meter, FEW_CHANGED, plan_run(settings, data.AS_OF))


def _measure_changes(settings: Settings, meter: Meter, size: data.Size, say: Say) -> DictRow:
    """Measure the common approach's loads, then days with 1 % changed for both."""
    for scenario in ("first load", "unchanged"):
        say(f"  common approach: {scenario}")
        baseline.measure_run(settings, meter, scenario)
    for number in range(1, size.repetitions + 1):
        say(f"  1 % changed, {number} of {size.repetitions}")
        data.change_one_percent(settings, size, number)
        ours.measure_run(settings, meter, "ours/1 % changed", plan_run(settings, data.AS_OF))
        baseline.measure_run(settings, meter, "1 % changed")
        published = _compare_published(settings, data.BASELINE)
    return published


def _compare_published(settings: Settings, reference: sql.Identifier) -> DictRow:
    run = plan_run(settings, data.AS_OF)
    window = {"window_start": run.window_start, "as_of": run.as_of}
    with connect(settings, "benchmark compare", autocommit=True) as connection:
        ours_, theirs = (
            fetch_one(connection, "benchmarks/published_rows.sql", window, events=events)
            for events in (data.OURS, reference)
        )
    if ours_ != theirs or not ours_["rows"]:
        name = reference.as_string()
        raise KpiError(f"{name} does not hold the rows that we published: {theirs}, {ours_}.")
    return ours_
