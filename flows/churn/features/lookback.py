"""How many days of payments features read: a model's own, or what PAYMENTS holds, in steps."""

from datetime import timedelta
from pathlib import Path

from flows.churn.folders import churn_run_folder
from flows.churn.run import ChurnRun
from flows.churn.sources.clean_raw_sources import CleanSources
from flows.errors import BadInput
from flows.platform.storage.atomic_files import read_json, write_json
from flows.settings import Settings

_LOOKBACKS = (60, 90, 120, 180, 270, 365, 540, 730)


def keep_lookback(settings: Settings, run: ChurnRun, lookback_days: int | None) -> None:
    """Let the run's features read so many days of payments; None: as many as PAYMENTS holds."""
    path = _file(settings, run)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {"lookback_days": lookback_days})


def lookback(settings: Settings, run: ChurnRun, sources: CleanSources) -> int:
    """Return how many days of payments features read: what was kept, or what PAYMENTS always has.

    Where nothing was kept, features must mean the same one label window before a training's
    cutoff, and in each snapshot that teaches; the number goes in steps, so that they mean the same
    next week too. Raises BadInput when PAYMENTS starts too late.
    """
    path = _file(settings, run)
    if path.exists() and (kept := read_json(path)["lookback_days"]):
        require_payments(run, kept, sources)
        return int(kept)
    windows = max(2, settings.churn.training_snapshots)
    earliest = run.as_of - timedelta(days=windows * settings.churn.label_days)
    held = (earliest - sources.first_payment_on).days + 1
    if held < settings.churn.min_lookback_days:
        needed = earliest - timedelta(days=settings.churn.min_lookback_days - 1)
        raise BadInput(
            f"{sources.payment_days}, starts on {sources.first_payment_on}"
            f"{_all_too_late(run, sources)}; a run as of {run.as_of} needs payments from {needed} "
            "on. Deliver them, or run as of a later day."
        )
    longest = min(held, settings.churn.lookback_days)
    return max((step for step in _LOOKBACKS if step <= longest), default=longest)


def require_payments(run: ChurnRun, lookback_days: int, sources: CleanSources) -> None:
    """Raise BadInput when PAYMENTS starts later than a model with this lookback reads."""
    needed = run.cutoff - timedelta(days=lookback_days - 1)
    if sources.first_payment_on > needed:
        raise BadInput(
            f"{sources.payment_days}, starts on {sources.first_payment_on}, but the Production "
            f"model reads the {lookback_days} days of payments that it was trained with: as of "
            f"{run.cutoff} it needs them from {needed} on. Deliver the missing days, or train on "
            "these with kpi train."
        )


def _file(settings: Settings, run: ChurnRun) -> Path:
    return churn_run_folder(settings, run.run_id) / "lookback.json"


def _all_too_late(run: ChurnRun, sources: CleanSources) -> str:
    if sources.first_payment_on <= run.cutoff:
        return ""
    return f", later than {run.cutoff}, the last day that features may know"
