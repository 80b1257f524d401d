"""One training in a process of its own, and what two of them differ in."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.churn.usage import cpu_seconds
from flows.churn.production.document import DOCUMENT
from flows.errors import KpiError
from flows.paths import REPOSITORY

_RUN = "same"
_LAST = "train_spark_model"


@dataclass(frozen=True)
class Trained:
    """The features of a training, what its model holds, and what it took."""

    features: pd.DataFrame
    coefficients: "pd.Series[float]"
    seconds: float
    cpu: float


def train(home: Path, variables: Mapping[str, str]) -> Trained:
    """Check the files, make features and fit, up to the model; the home is new.

    CPU seconds are those of the run with what it starts: of a cluster, only the run's own.
    Raises KpiError when it fails, with the last that it said.
    """
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", __name__],
        cwd=REPOSITORY,
        env={**os.environ, "KPI_HOME": str(home), "KPI_TIME_ZONE": "UTC", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise KpiError(f"The training in {home.name} failed: {done.stderr[-2000:]}")
    *_, cpu = done.stdout.split()
    model = json.loads(next(home.rglob(DOCUMENT)).read_text())
    coefficients = {term["feature"]: term["coefficient"] for term in model["terms"]}
    return Trained(
        features=pd.read_parquet(next(home.rglob(f"{_RUN}/features"))),
        coefficients=pd.Series({**coefficients, "intercept": model["intercept"]}),
        seconds=time.monotonic() - began,
        cpu=float(cpu),
    )


def largest_difference(one: Trained, other: Trained) -> tuple[float, float]:
    """Return the largest difference of any feature of any user, and of any coefficient.

    Raises KpiError when users, columns, or what is missing differ, or what is no number.
    """
    here, there = (each.features.sort_values("user_id", ignore_index=True) for each in (one, other))
    if list(here) != list(there) or not here["user_id"].equals(there["user_id"]):
        raise KpiError("The features are of other users, or have other columns.")
    largest = 0.0
    for name in here:
        if not here[name].isna().equals(there[name].isna()):
            raise KpiError(f"{name} is missing for other users.")
        if pd.api.types.is_float_dtype(here[name]) or pd.api.types.is_float_dtype(there[name]):
            apart = (here[name] - there[name]).abs().max()
            largest = max(largest, 0.0 if pd.isna(apart) else float(apart))
        elif not (here[name] == there[name]).where(here[name].notna(), True).all():
            raise KpiError(f"{name} differs.")
    if list(one.coefficients.index) != list(other.coefficients.index):
        raise KpiError("The models hold other terms.")
    return largest, float((one.coefficients - other.coefficients).abs().max(skipna=False))


def main() -> None:
    """Train for `train`; the last word of the output is the CPU seconds."""
    from flows.churn.pipeline import TRAINING
    from flows.churn.planning import plan_training
    from flows.platform.compute.spark import stop_spark
    from flows.platform.pipeline.plain_run import run_steps
    from flows.settings import load_settings

    settings = load_settings()
    run_steps(TRAINING, settings, plan_training(settings, run_id=_RUN), last=_LAST)
    cpu = cpu_seconds()
    stop_spark()
    sys.stdout.write(f"\n{cpu}\n")


if __name__ == "__main__":
    main()
