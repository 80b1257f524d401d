"""Churn at several numbers of users: checking the files, features, a fit, scores."""

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.churn import work
from benchmarks.churn.child import run_in_child
from benchmarks.churn.place import Place, deliver
from benchmarks.cost import Samples
from benchmarks.crypto_events.bench import filled_database
from benchmarks.crypto_events.data import Size
from benchmarks.meter import Meter
from benchmarks.scale.growth import Checked, Growth
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

Say = Callable[[str], None]
_Costs = dict[tuple[str, str], float]


def grow_users(
    server: PostgresServer, folder: Path, sizes: Sequence[int], check: int, say: Say
) -> list[Growth]:
    """Return how CPU seconds and memory grow with the users; scores go to the server."""
    with _warehouse(server, folder / "scored") as warehouse:
        return _grow(warehouse, folder, sizes, check, say)


def _grow(
    warehouse: "_Warehouse", folder: Path, sizes: Sequence[int], check: int, say: Say
) -> list[Growth]:
    say("a model to score with")
    warehouse.kpi("train", "--source", str(REPOSITORY / "data" / "churn"))
    found = {
        users: _measure(folder / str(users), warehouse, users, say)
        for users in sorted({*sizes, check})
    }
    return [
        Growth(
            f"churn, {name}",
            unit,
            "users",
            {users: found[users][name, unit] for users in sizes},
            Checked(check, found[check][name, unit]),
        )
        for name, unit in found[check]
    ]


def _measure(root: Path, warehouse: "_Warehouse", users: int, say: Say) -> _Costs:
    say(f"{users:,} users: making up a delivery")
    place = Place(root)
    deliver(place, users)
    costs = {}
    for name, what in _WORK.items():
        say(f"  {name}")
        outcome = run_in_child(place, what)
        costs[name, "CPU s"] = outcome.cpu
        costs[name, "MB"] = outcome.peak_memory_mb
    say(f"  {_SCORE}")
    costs[_SCORE, "CPU s"], costs[_SCORE, "MB"] = warehouse.measured("score", place.delivery)
    shutil.rmtree(root)
    return costs


@dataclass(frozen=True)
class _Warehouse:
    """A database and a home, for commands that are measured with their server."""

    settings: Settings
    samples: Samples
    meter: Meter

    def kpi(self, *arguments: str) -> Figures:
        """Run a command to its end."""
        variables = (f"KPI_DATABASE_URL={database_url(self.settings)}", "KPI_TIME_ZONE=UTC")
        order = Order(
            command=["env", *variables, sys.executable, "-m", "flows.cli", *arguments],
            folder=str(REPOSITORY),
            log=str(self.settings.home.with_suffix(".log")),
            finish=[],
        )
        return measure(order, self.settings.home)

    def measured(self, command: str, source: Path) -> tuple[float, float]:
        """Return CPU seconds of a command and the server, and the command's memory in MB."""
        name = f"{command} {source}"
        with self.meter.measure(name) as elsewhere:
            figures = self.kpi(command, "--source", str(source))
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
