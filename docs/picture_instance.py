"""The instance that the pictures show: seeded, on fixed days, made by the real steps."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from flows.churn.features.feature_engineering import features
from flows.churn.features.users_file import USER
from flows.churn.pipeline import DRIFT_MONITOR, TRAINING
from flows.churn.planning import plan_drift, plan_training
from flows.churn.sample_data.writer import AS_OF, write_sample_data
from flows.crypto_events.landing.ingest import ingest
from flows.crypto_events.pipeline import PIPELINE as CRYPTO_EVENTS
from flows.crypto_events.run import plan_run
from flows.local.postgres.shared import running_warehouse
from flows.paths import REPOSITORY
from flows.platform.compute.spark import stop_spark
from flows.platform.pipeline.plain_run import run_steps
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings

UPLOAD = "july.csv"
_SAMPLE = REPOSITORY / "data" / "churn"
_USERS, _SEED = 2500, 7  # those of data/churn
_DRIFT_OF_WEEKS = (0.0, 0.05, 0.0, 0.1, 0.3, 1.0)
_UPLOADED_USERS = 300
_CRYPTO_DAYS = 60
_ROWS_A_DAY = 40
_DELIVERY = """\
site_id,user_id,purchase_date,crypto_type,purchase_price,purchase_units
ARGENTINA,410001,30/6/2026,BTC,61250.10,0.25
BRASIL,410004,31/6/2026,BTC,61000,0.1
Brasil,410005,30/6/2026,ETH,3118.20,0.8
Chile,410006,30/6/2026,ETH,3118.20,0.8
MEXICO,410007,30/6/2026,BTC,NaN,0.3
"""
_FIRST_YEAR, _LAST_YEAR = 2020, 2030  # the calendar is ready sooner


@contextmanager
def furnished_instance(home: Path) -> Iterator[Settings]:
    """Yield settings of an instance with events, a model, weeks of drift, and a file to upload."""
    crypto = {
        "min_rows_per_day": _ROWS_A_DAY,
        "first_year": _FIRST_YEAR,
        "last_year": _LAST_YEAR,
    }
    settings = Settings.model_validate({"home": home, "crypto": crypto})
    with running_warehouse(settings) as running:
        migrate(running)
        publish_events(running)
        train(running)
        watch_drift(running)
        yield running


def publish_events(settings: Settings) -> None:
    """Publish two months of made-up events; a small delivery leaves a few rejects."""
    delivery = settings.home / "delivery.csv"
    delivery.parent.mkdir(parents=True, exist_ok=True)
    delivery.write_text(_DELIVERY, encoding="utf-8")
    ingest(settings, delivery, "append")
    run = plan_run(
        settings, AS_OF, window_days=_CRYPTO_DAYS, policy="quarantine", max_reject_share=0.5
    )
    run_steps(CRYPTO_EVENTS, settings, run, last="merge_to_prod", generate=True)


def train(settings: Settings) -> None:
    """Train on the sample delivery, promote, and keep some users as a file to upload."""
    import pandas as pd

    run = plan_training(settings, source=_SAMPLE, run_id="pictures")
    try:
        run_steps(TRAINING, settings, run, last="promote_model")
    finally:
        stop_spark()
    users = pd.read_parquet(features(settings, run)).sort_values(USER).head(_UPLOADED_USERS)
    users.drop(columns=["churned", "in_holdout", "in_validation"]).to_csv(
        settings.home / UPLOAD, index=False
    )


def watch_drift(settings: Settings) -> None:
    """Run the drift monitor on weeks of which the last ones drift."""
    for week, drift in enumerate(_DRIFT_OF_WEEKS):
        day = _week(week)
        source = settings.home / f"week-{week}"
        write_sample_data(source, users=_USERS, seed=_SEED, as_of=day, usage_as_of=day, drift=drift)
        run = plan_drift(settings, source=source, run_id=f"pictures {day}")
        run_steps(DRIFT_MONITOR, settings, run)


def _week(number: int) -> date:
    return AS_OF + timedelta(weeks=number)
