"""`python -m benchmarks.cluster`: a training on a cluster finds what one machine finds.

Two workers that share no folder with the run read and write a bucket by s3a. Features are made
there by Spark, here by DuckDB. It ends with 1 where a feature or a coefficient differs by more than
1e-9: sums of the same rows in another order round otherwise.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.churn.place import Place, deliver
from benchmarks.cluster.standalone import KNOWN, standalone_cluster
from benchmarks.cluster.store import kept, settings_of, store_process
from benchmarks.cluster.trained import Trained, largest_difference, train
from benchmarks.crypto_events.bench import filled_database
from benchmarks.crypto_events.data import Size
from benchmarks.scale.findings import Say
from benchmarks.server import benchmark_server
from flows.errors import KpiError
from flows.platform.warehouse.connection import database_url

SAME = 1e-9
_OPTIONS = {
    # Both take part, however quick the first is.
    "spark.dynamicAllocation.initialExecutors": "2",
    # The store reads a whole file for each part that it is asked for.
    "spark.hadoop.fs.s3a.readahead.range": "32M",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train twice in a temporary folder, and print what differs. What is at work goes to stderr."""
    options = _parse(arguments)
    say = partial(Console(stderr=True).print, highlight=False)
    if options.folder:
        options.folder.mkdir(parents=True)
        differences = _compare(options.folder, options, say)
    else:
        with TemporaryDirectory(prefix="kpi-cluster-") as name:
            differences = _compare(Path(name), options, say)
    if not all(each <= SAME for each in differences):  # nor one that is no number
        sys.exit(1)


def _compare(folder: Path, options: argparse.Namespace, say: Say) -> tuple[float, float]:
    say(f"Making up a delivery of {options.users:,} users ...")
    place = Place(folder)
    deliver(place, options.users)
    with (
        benchmark_server(folder) as server,
        filled_database(server, folder / "database", "cluster", Size(5, 0, 0, 1)) as settings,
    ):
        given = {
            # Whose ledger says what is Production.
            "KPI_DATABASE_URL": database_url(settings),
            "KPI_CHURN__SOURCE": str(place.delivery),
            "KPI_CHURN__REGULARIZATIONS": f"[{options.regularization}]",
            "KPI_DUCKDB_MEMORY_MB": str(options.duckdb_memory_mb),
        }
        say("Training on this machine ...")
        here = train(folder / "here", {**given, "KPI_SPARK_MASTER_URL": "local[2]"})
        say("Training on two workers, by s3a ...")
        there = _on_a_cluster(folder, options.memory_mb, given)
    features, coefficients = largest_difference(here, there)
    rows, columns = here.features.shape
    sys.stdout.write(
        f"{rows:,} users of {columns} columns, {len(here.coefficients)} coefficients.\n"
        f"Largest difference of a feature {features:.1e}, of a coefficient {coefficients:.1e}.\n"
        f"On one machine: {here.cpu:.0f} CPU s, {here.seconds:.0f} s. "
        f"On the cluster: {there.seconds:.0f} s; the run itself took {there.cpu:.0f} CPU s of it.\n"
    )
    return features, coefficients


def _on_a_cluster(folder: Path, memory_mb: int, given: Mapping[str, str]) -> Trained:
    with (
        standalone_cluster(folder, f"{memory_mb}m") as cluster,
        store_process(folder) as store,
    ):
        trained = train(
            folder / "cluster",
            {
                **given,
                **KNOWN,
                **settings_of(store, **_OPTIONS),
                "KPI_CHURN__FEATURE_ENGINE": "spark",
                "KPI_SPARK_MASTER_URL": cluster.master,
                "KPI_SPARK_EXECUTOR_MEMORY": f"{memory_mb}m",
                "KPI_SPARK_MAX_EXECUTORS": "2",
            },
        )
        if 0 in cluster.executors():
            raise KpiError("A worker had nothing to do.")
        if left := kept(store):
            raise KpiError(f"{len(left)} files stay in the object store.")
    return trained


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=__doc__)
    parser.add_argument("--users", type=int, default=2_000_000)
    parser.add_argument("--regularization", type=float, default=0.0)
    parser.add_argument("--memory-mb", type=int, default=3072, help="of each executor")
    parser.add_argument("--duckdb-memory-mb", type=int, default=4096)
    parser.add_argument("--folder", type=Path, help="a new one, which stays")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
