"""How many days of payments features read: a model's own, or what PAYMENTS holds, in steps."""

from datetime import timedelta

from flows.churn.run import ChurnRun
from flows.churn.sources.clean_raw_sources import CleanSources
from flows.errors import BadInput
from flows.settings import Settings

_LOOKBACKS = (60, 90, 120, 180, 270, 365, 540, 730)


def lookback(settings: Settings, run: ChurnRun, sources: CleanSources) -> int:
    """Return how many days of payments features read: the run's, or what PAYMENTS always has.

    Without one in the run, features must mean the same one label window before a training's
    cutoff; the number goes in steps, so that they mean the same next week too. Raises BadInput
    when PAYMENTS starts too late.
    """
    if run.lookback_days is not None:
        return _as_trained(run, run.lookback_days, sources)
    earliest = run.as_of - timedelta(days=2 * settings.churn.label_days)
    held = (earliest - sources.first_payment_on).days + 1
    if held < settings.churn.min_lookback_days:
        needed = earliest - timedelta(days=settings.churn.min_lookback_days - 1)
        raise BadInput(
            f"PAYMENTS.csv, column FECHA, starts on {sources.first_payment_on}"
            f"{_all_too_late(run, sources)}; a run as of {run.as_of} needs payments from {needed} "
            "on. Deliver them, or run as of a later day."
        )
    longest = min(held, settings.churn.lookback_days)
    return max((step for step in _LOOKBACKS if step <= longest), default=longest)


def _as_trained(run: ChurnRun, lookback_days: int, sources: CleanSources) -> int:
    needed = run.cutoff - timedelta(days=lookback_days - 1)
    if sources.first_payment_on > needed:
        raise BadInput(
            f"PAYMENTS.csv, column FECHA, starts on {sources.first_payment_on}, but the Production "
            f"model reads the {lookback_days} days of payments that it was trained with: as of "
            f"{run.cutoff} it needs them from {needed} on. Deliver the missing days, or train on "
            "these with kpi train."
        )
    return lookback_days


def _all_too_late(run: ChurnRun, sources: CleanSources) -> str:
    if sources.first_payment_on <= run.cutoff:
        return ""
    return f", later than {run.cutoff}, the last day that features may know"
