"""The churn part of `kpi demo`: train, promote, score, and train again when users change."""

from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.rule import Rule

from flows.commands.churn.drift import watch_drift
from flows.commands.churn.runs import print_training, score_everybody, train_model
from flows.commands.demo.crypto_events import short
from flows.commands.progress import progress
from flows.errors import KpiError
from flows.paths import REPOSITORY
from flows.settings import Settings

_SAMPLE = REPOSITORY / "data" / "churn"
_USERS, _SEED = 2500, 7  # those of data/churn: the same users, week after week
_WEEK = timedelta(days=7)
_DRIFT_OF_WEEKS = (0.0, 1.0, 1.0)


def show_churn(console: Console, settings: Settings) -> None:
    """Train on the sample, score its users, then watch three more weeks; the last two drift."""
    console.print(Rule("5. Five files become features; Spark trains, MLflow keeps the model"))
    with progress(console, "churn-training"):
        train_model(console, settings, source=str(_SAMPLE))

    console.print(Rule("6. Every user is scored with the Production model"))
    with progress(console, "churn-scoring"):
        score_everybody(console, settings, source=str(_SAMPLE))

    console.print(Rule("7. Three more weeks: a quiet one, then two in which users change"))
    for week, drift in enumerate(_DRIFT_OF_WEEKS, 1):
        folder = _deliver_week(console, settings, week, drift)
        with progress(console, "churn-drift-monitor"):
            lasting = watch_drift(console, settings, source=str(folder), retrain=True)
    if not lasting:
        raise KpiError("The demo's lasting drift was not noticed; please report this.")
    console.print("Drift lasts, so a training ran:")
    print_training(console, settings)


def _deliver_week(console: Console, settings: Settings, week: int, drift: float) -> Path:
    """Make up the same users' delivery of a later week."""
    from flows.churn.sample_data.writer import AS_OF, write_sample_data

    folder = settings.home / "demo" / f"week-{week}"
    day = AS_OF + week * _WEEK
    write_sample_data(folder, users=_USERS, seed=_SEED, as_of=day, usage_as_of=day, drift=drift)
    console.print(f"kpi sample-data --as-of {day} --drift {drift:g} --to {short(folder)}")
    return folder
