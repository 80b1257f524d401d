"""The window of crypto events at several sizes: a first load, an unchanged day, few changes."""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.cost import Samples
from benchmarks.crypto_events import data, ours
from benchmarks.crypto_events.bench import filled_database
from benchmarks.meter import Meter
from benchmarks.scale.growth import Growth
from flows.crypto_events.run import plan_run
from flows.errors import KpiError
from flows.local.postgres.server import PostgresServer

FIRST, UNCHANGED, FEW = "first load", "unchanged day", "few changed rows"


def grow_rows(
    server: PostgresServer,
    home: Path,
    sizes: Sequence[int],
    check: int,
    say: Callable[[str], None],
) -> list[Growth]:
    """Return how CPU seconds of server and client grow with the rows of the window."""
    costs = {rows: _measure(server, home, rows, say) for rows in (*sizes, check)}
    return [
        Growth(
            f"crypto events, {scenario}",
            "CPU s",
            {rows: costs[rows][scenario] for rows in sizes},
            check,
            costs[check][scenario],
        )
        for scenario in (FIRST, UNCHANGED, FEW)
    ]


def _measure(
    server: PostgresServer, home: Path, rows: int, say: Callable[[str], None]
) -> dict[str, float]:
    if server.pid is None:
        raise KpiError("The benchmark's server does not run.")
    say(f"{rows:,} rows in the window: filling")
    size, samples = data.Size(rows, 0, 0, 1), Samples()
    with (
        filled_database(server, home, f"rows_{rows}", size) as settings,
        closing(Meter(settings, server.pid, samples)) as meter,
    ):
        for scenario in (FIRST, UNCHANGED, FEW):
            say(f"  {scenario}")
            if scenario == FEW:
                data.change_few(settings, size, 1)
            ours.measure_run(settings, meter, scenario, plan_run(settings, data.AS_OF))
    return {scenario: samples.round(scenario).cpu_of_both for scenario in (FIRST, UNCHANGED, FEW)}
