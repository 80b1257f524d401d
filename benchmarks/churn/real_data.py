"""`python -m benchmarks.churn.real_data FOLDER`: train on a real delivery, and check the model.

Fails when the model separates users worse than `--at-least`, among those who paid in the last
90 days, or better than `--at-most`, which would suggest a leak.
"""

import argparse
import gzip
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from flows.churn.pipeline import TRAINING
from flows.churn.planning import plan_training
from flows.churn.sources.contract import SOURCE_FILES
from flows.local.postgres.shared import running_warehouse
from flows.platform.compute.spark import stop_spark
from flows.platform.pipeline.plain_run import run_steps
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Train in a temporary folder and print the figures; return 1 when they are out of bounds."""
    options = _parse(arguments)
    with TemporaryDirectory(prefix="kpi-real-data-") as name:
        scratch = Path(name)
        source = _plain_files(options.folder, scratch / "source")
        # A training asks the ledger what is Production.
        churn = Settings().churn.model_copy(update={"challengers": tuple(options.challenger)})
        own = Settings(home=scratch / "kpi", database_url=None, churn=churn)
        with running_warehouse(own) as settings:
            migrate(settings)
            run = plan_training(settings, source=source, run_id="real")
            try:
                results = run_steps(TRAINING, settings, run, last="train_spark_model")
            finally:
                stop_spark()
        table, training = results["feature_engineering"], results["train_spark_model"]
        recent = training.recent
        typer.echo(f"{table.users:,} users as of {table.cutoff}, {table.churned:,} churned")
        typer.echo(f"features read {table.lookback_days} days of payments")
        typer.echo(f"holdout                      ROC AUC {training.holdout.roc_auc:.4f}")
        typer.echo(
            f"  paid in the last 90 days   ROC AUC {recent.roc_auc:.4f} ({recent.rows} users)"
        )
        typer.echo(f"  on payments alone          ROC AUC {training.payments_alone_roc_auc:.4f}")
        typer.echo(f"  that, a window earlier     ROC AUC {training.out_of_time_roc_auc:.4f}")
        for one in training.tried:
            active = f"{one.recent.roc_auc:.4f}, lift of their top tenth {one.lift:.2f}"
            chosen = "the candidate: " if one.kind == training.kind else ""
            typer.echo(
                f"{chosen}{one.kind}: ROC AUC {one.holdout.roc_auc:.4f}, log-loss "
                f"{one.holdout.log_loss:.4f}, calibration error "
                f"{one.holdout.calibration_error:.4f}; active {active}"
            )
    return 0 if options.at_least <= recent.roc_auc <= options.at_most else 1


def _plain_files(folder: Path, target: Path) -> Path:
    """Copy the delivery, unpacking gzipped files."""
    target.mkdir()
    for file in SOURCE_FILES:
        plain, packed = target / file.file_name, folder / f"{file.file_name}.gz"
        if packed.exists():
            plain.write_bytes(gzip.decompress(packed.read_bytes()))
        else:
            shutil.copyfile(folder / file.file_name, plain)
    return target


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.churn.real_data")
    parser.add_argument("folder", type=Path, help="the five CSV files, or the same gzipped")
    parser.add_argument(
        "--challenger",
        action="append",
        default=[],
        choices=["trees", "bg_nbd"],
        help="a kind of model to try as well; may be given twice",
    )
    parser.add_argument("--at-least", type=float, default=0.5)
    parser.add_argument("--at-most", type=float, default=1.0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
