"""The churn part of `kpi demo`: train, promote, score, and train again when users change."""

from datetime import date
from pathlib import Path

from rich.console import Console
from rich.rule import Rule

from flows.churn.folders import last_training
from flows.commands.churn.drift import watch_drift
from flows.commands.churn.runs import print_training, score_everybody, train_model
from flows.commands.demo.crypto_events import short
from flows.commands.progress import progress
from flows.errors import KpiError
from flows.paths import REPOSITORY
from flows.platform.storage.atomic_files import read_json
from flows.settings import Settings

_SAMPLE = REPOSITORY / "data" / "churn"
_USERS, _SEED = 2500, 7  # those of data/churn: the same users, week after week
_CHANGE = date(2026, 7, 8)
# So late that the label window of the training that follows holds nothing but changed behaviour.
_WEEKS = (date(2026, 7, 7), date(2026, 8, 18), date(2026, 8, 25))


def show_churn(console: Console, settings: Settings) -> None:
    """Train on the sample, score its users, watch them change until a better model replaces it."""
    console.print(Rule("5. Five files become features; Spark trains, MLflow keeps the model"))
    with progress(console, "churn-training"):
        train_model(console, settings, source=str(_SAMPLE))

    console.print(Rule("6. Every user is scored with the Production model"))
    with progress(console, "churn-scoring"):
        score_everybody(console, settings, source=str(_SAMPLE))

    console.print(Rule("7. A quiet week; then users change, and two weeks show it"))
    for day in _WEEKS:
        folder = _deliver_week(console, settings, day)
        # Only then: weeks of an earlier demo are remembered, and would start trainings before.
        retrain = day == _WEEKS[-1]
        with progress(console, "churn-drift-monitor"):
            lasting = watch_drift(console, settings, source=str(folder), retrain=retrain)
    if not lasting:
        raise KpiError("The demo's lasting drift was not noticed; please report this.")
    console.print("Drift lasts, so a training ran:")
    print_training(console, settings)
    console.print(_why(settings), highlight=False)


def _deliver_week(console: Console, settings: Settings, day: date) -> Path:
    """Make up the delivery of a later week: the same users, who change on a day."""
    from flows.churn.sample_data.writer import write_sample_data

    folder = settings.home / "demo" / str(day)
    write_sample_data(
        folder,
        users=_USERS,
        seed=_SEED,
        as_of=day,
        usage_as_of=day,
        drift=1,
        drift_from=_CHANGE,
    )
    console.print(
        f"kpi sample-data --as-of {day} --usage-as-of {day} --drift 1 --drift-from {_CHANGE} "
        f"--to {short(folder)}"
    )
    return folder


def _why(settings: Settings) -> str:
    """Return in one sentence why the last training's version became Production, or did not."""
    summary = read_json(last_training(settings))
    version, evaluation = summary["decision"]["version"], summary["evaluation"]
    new, old = evaluation["challenger"], evaluation["champion"]
    if old is None:
        return f"Version {version} had no Production to be compared with."
    return (
        f"Users changed on {_CHANGE}: on the same {new['rows']:,} users, whom neither was trained "
        f"on, version {version} has a ROC AUC of {new['roc_auc']:.3f} and version "
        f"{evaluation['champion_version']} of {old['roc_auc']:.3f}, so version "
        f"{summary['production']} {'is' if summary['production'] == version else 'stays'} "
        "Production."
    )
