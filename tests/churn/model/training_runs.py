"""A whole training by its steps, on the sample delivery."""

from datetime import date
from pathlib import Path
from typing import Any

from flows.churn import training_steps as steps
from flows.churn.run import ChurnRun, plan_training
from flows.paths import REPOSITORY
from flows.settings import Settings

SAMPLE = REPOSITORY / "data" / "churn"
AS_OF = date(2026, 6, 30)


def train(settings: Settings, run_id: str, source: Path = SAMPLE) -> tuple[ChurnRun, Any]:
    """Run the steps up to the fitted model; return the run and what training returned."""
    run = plan_training(settings, source=source, run_id=run_id)
    steps.clean_raw_sources(settings, run)
    steps.feature_engineering(settings, run)
    return run, steps.train_spark_model(settings, run)


def judge(settings: Settings, run: ChurnRun) -> Any:
    """Run the steps after the fit; return the promotion, made or skipped."""
    steps.evaluate_candidate(settings, run)
    decision = steps.decide_promotion(settings, run)
    step = steps.promote_model if decision.promote else steps.skip_promotion
    promotion = step(settings, run)
    steps.notify_success(settings, run)
    return promotion
