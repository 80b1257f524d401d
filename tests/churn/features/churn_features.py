"""Both steps on a folder, and the tables that they leave."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd

from flows.churn.features.feature_engineering import (
    FeatureTable,
    earlier_features,
    feature_engineering,
    features,
)
from flows.churn.planning import plan_training
from flows.churn.run import ChurnRun
from flows.churn.sources.clean_raw_sources import clean_raw_sources
from flows.settings import Settings

Where = Callable[[Settings, ChurnRun], Path]


def make_features(
    settings: Settings, source: Path, as_of: date | None = None, run_id: str = "run"
) -> tuple[ChurnRun, FeatureTable]:
    """Clean the files and make features."""
    run = plan_training(settings, as_of, source=source, run_id=run_id)
    clean_raw_sources(settings, run)
    return run, feature_engineering(settings, run)


def feature_frame(settings: Settings, run: ChurnRun, where: Where = features) -> pd.DataFrame:
    """The rows that the features step wrote, in their order, by user."""
    return pd.read_parquet(where(settings, run)).set_index("user_id")


__all__ = ["earlier_features", "feature_frame", "features", "make_features"]
