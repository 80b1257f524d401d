"""A whole training by its steps, on the sample delivery."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.churn.pipeline import TRAINING
from flows.churn.planning import plan_training
from flows.churn.run import ChurnRun
from flows.local.postgres.server import PostgresServer
from flows.paths import REPOSITORY
from flows.platform.compute.spark import stop_spark
from flows.platform.pipeline.plain_run import run_steps
from flows.settings import Settings
from tests.environment.fresh_database import fresh_database

SAMPLE = REPOSITORY / "data" / "churn"
AS_OF = date(2026, 6, 30)


@contextmanager
def platform(
    server: PostgresServer, template: str, factory: pytest.TempPathFactory, name: str
) -> Iterator[Settings]:
    """Settings of one platform for all tests of a module, in a folder of an odd name."""
    home = factory.mktemp("training") / "50 % of it"
    with fresh_database(server, name, template) as url:
        yield Settings.model_validate({"home": home, "database_url": url})
        stop_spark()


def train(settings: Settings, run_id: str, source: Path = SAMPLE) -> tuple[ChurnRun, Any]:
    """Run the steps up to the fitted model; return the run and what training returned."""
    run = plan_training(settings, source=source, run_id=run_id)
    results = run_steps(TRAINING, settings, run, last="train_spark_model")
    return run, results["train_spark_model"]


def judge(settings: Settings, run: ChurnRun) -> Any:
    """Run the steps after the fit; return the promotion, made or skipped."""
    results = run_steps(TRAINING, settings, run, first="evaluate_candidate")
    return results.get("promote_model") or results["skip_promotion"]
