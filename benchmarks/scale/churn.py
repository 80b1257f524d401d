"""Churn at several numbers of users: checking the files, features, a fit, scores."""

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.churn import work
from benchmarks.churn.child import run_in_child
from benchmarks.churn.place import Place, deliver
from benchmarks.cost import Samples
from benchmarks.crypto_events.bench import filled_database
from benchmarks.crypto_events.data import Size
from benchmarks.meter import Meter
from benchmarks.scale.findings import Cost, Findings, Say
from benchmarks.startup.helper import Figures, Order
from benchmarks.startup.measure import measure
from flows.errors import KpiError
from flows.local.postgres.server import PostgresServer
from flows.paths import REPOSITORY
from flows.platform.warehouse.connection import database_url
from flows.settings import Settings

# By the benchmark's names: the fit that training repeats for each strength of its grid.
_WORK = {
    "clean_raw_sources": work.CLEAN,
    "feature_engineering": work.STEP,
    "one fit with Spark": work.TRAINING[0],
}
_SCORE = "kpi score"
_USERS = "users"
_MEMORY = "KPI_DUCKDB_MEMORY_MB"


@dataclass(frozen=True)
class Ladder:
    """Memories of DuckDB to try, smallest first."""

    found: Findings
    memory: Sequence[int]
    say: Say

    def climb(
        self, users: int, name: str, work: Callable[[Mapping[str, str]], tuple[float, float]]
    ) -> Iterator[Cost]:
        """Yield CPU seconds and megabytes of work, with the first memory that suffices."""
        *smaller, largest = sorted(self.memory)
        for megabytes in (*smaller, largest):
            self.say(f"  {name}")
            try:
                cpu, peak = work({_MEMORY: str(megabytes)})
            except KpiError as error:
                if megabytes == largest or _MEMORY not in str(error):
                    raise
                self.found.remark(_USERS, users, f"{name} needs more than {_MEMORY}={megabytes}.")
                continue
            yield Cost(f"churn, {name}", "CPU s", cpu)
            yield Cost(f"churn, {name}", "MB", peak)
            return


def grow_users(
    found: Findings,
    server: PostgresServer,
    folder: Path,
    sizes: Sequence[int],
    check: int,
    memory: Sequence[int],
    say: Say,
) -> None:
    """Find how CPU seconds and memory grow with the users; scores go to the server.

    Where DuckDB says that its memory is too small, the work is done again with the next of
    `memory`, in MB: at that size the smaller one ends.
    """
    with _warehouse(server, folder / "scored") as warehouse:
        say("a model to score with")
        warehouse.kpi({}, "train", "--source", str(REPOSITORY / "data" / "churn"))
        ladder = Ladder(found, memory, say)

        def costs_of(users: int) -> Iterator[Cost]:
            return _measure(folder / str(users), warehouse, users, ladder, say)

        found.measure(_USERS, sizes, costs_of, check)


def _measure(
    root: Path, warehouse: "_Warehouse", users: int, ladder: Ladder, say: Say
) -> Iterator[Cost]:
    say("  making up a delivery")
    place = Place(root)
    try:
        deliver(place, users)
        for name, what in _WORK.items():
            yield from ladder.climb(users, name, partial(in_child, place, what))
        score = partial(warehouse.measured, "score", place.delivery)
        yield from ladder.climb(users, _SCORE, score)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def in_child(place: Place, what: str, variables: Mapping[str, str]) -> tuple[float, float]:
    """Return CPU seconds and megabytes of work by name; raise KpiError when it fails."""
    outcome = run_in_child(place, what, variables)
    return outcome.cpu, outcome.peak_memory_mb


@dataclass(frozen=True)
class _Warehouse:
    """A database and a home, for commands that are measured with their server."""

    settings: Settings
    samples: Samples
    meter: Meter

    def kpi(self, variables: Mapping[str, str], *arguments: str) -> Figures:
        """Run a command to its end; raise KpiError with its last line when it fails."""
        known = {"KPI_DATABASE_URL": database_url(self.settings), "KPI_TIME_ZONE": "UTC"}
        given = [f"{name}={value}" for name, value in {**known, **variables}.items()]
        order = Order(
            command=["env", *given, sys.executable, "-m", "flows.cli", *arguments],
            folder=str(REPOSITORY),
            log=str(self.settings.home.with_suffix(".log")),
            finish=[],
        )
        try:
            return measure(order, self.settings.home)
        except KpiError as error:
            # The rest names the database and folders, and this is for a report.
            last = str(error).splitlines()[-1]
            raise KpiError(f"kpi {arguments[0]}: {last.removeprefix('kpi: ')}") from None

    def measured(
        self, command: str, source: Path, variables: Mapping[str, str]
    ) -> tuple[float, float]:
        """Return CPU seconds of a command and the server, and the command's memory in MB."""
        name = f"{command} {source} {variables}"
        with self.meter.measure(name) as elsewhere:
            figures = self.kpi(variables, command, "--source", str(source))
            elsewhere.append(figures.cpu)
        return self.samples.cost(name).cpu_of_both, figures.peak_memory_mb


@contextmanager
def _warehouse(server: PostgresServer, home: Path) -> Iterator[_Warehouse]:
    if server.pid is None:
        raise KpiError("The benchmark's server does not run.")
    home.mkdir(parents=True)
    samples = Samples()
    with (
        filled_database(server, home, "scale_scores", Size(5, 0, 0, 1)) as settings,
        closing(Meter(settings, server.pid, samples)) as meter,
    ):
        yield _Warehouse(settings, samples, meter)
