"""A whole training by its steps, on the sample delivery."""

from datetime import date
from pathlib import Path
from typing import Any

from flows.churn.pipeline import TRAINING
from flows.churn.planning import plan_training
from flows.churn.run import ChurnRun
from flows.paths import REPOSITORY
from flows.platform.pipeline.plain_run import run_steps
from flows.settings import Settings

SAMPLE = REPOSITORY / "data" / "churn"
AS_OF = date(2026, 6, 30)


def train(settings: Settings, run_id: str, source: Path = SAMPLE) -> tuple[ChurnRun, Any]:
    """Run the steps up to the fitted model; return the run and what training returned."""
    run = plan_training(settings, source=source, run_id=run_id)
    results = run_steps(TRAINING, settings, run, last="train_spark_model")
    return run, results["train_spark_model"]


def judge(settings: Settings, run: ChurnRun) -> Any:
    """Run the steps after the fit; return the promotion, made or skipped."""
    results = run_steps(TRAINING, settings, run, first="evaluate_candidate")
    return results.get("promote_model") or results["skip_promotion"]
