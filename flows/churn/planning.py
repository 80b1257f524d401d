"""The run that is asked for: its day, its files, and what is wrong with them."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from flows.churn.origins import check_contract
from flows.churn.run import ChurnRun, DriftRun
from flows.churn.sources.clean_raw_sources import last_checked_payment
from flows.churn.sources.deliveries.delivery import latest_payment_day
from flows.churn.sources.producers.declared import check_producers
from flows.churn.sources.rules.examples import check_patterns
from flows.errors import BadInput
from flows.settings import Settings
from flows.settings.contracted import churn_contract


def plan_training(
    settings: Settings,
    as_of: date | None = None,
    *,
    source: Path | None = None,
    run_id: str | None = None,
) -> ChurnRun:
    """Return the training run up to `as_of` (default: the last day that PAYMENTS holds).

    Raises BadInput when the contract lacks what features need or has a wrong pattern, a producer's
    file is wrong, the files do not exist or a day is outside the calendar.
    """
    return _plan(settings, as_of, settings.churn.label_days, source, run_id)


def plan_snapshot(
    settings: Settings,
    as_of: date | None = None,
    *,
    source: Path | None = None,
    run_id: str | None = None,
) -> ChurnRun:
    """Return the run that describes users as of `as_of`, for scores and drift.

    Defaults and errors are those of `plan_training`.
    """
    return _plan(settings, as_of, 0, source, run_id)


def plan_drift(
    settings: Settings,
    as_of: date | None = None,
    *,
    source: Path | None = None,
    simulate_drift: float = 0.0,
    run_id: str | None = None,
) -> DriftRun:
    """Return the run that compares users as of `as_of` (default: the last day of PAYMENTS).

    Raises BadInput when the files do not exist or a day is outside the calendar.
    """
    planned = plan_snapshot(settings, as_of, source=source, run_id=run_id)
    return DriftRun(**vars(planned), simulate_drift=simulate_drift)


def last_day_delivered(
    settings: Settings, day: date, *, source: Path | None, run_id: str | None = None
) -> date:
    """Return `day`, or the last day that PAYMENTS holds when that is earlier.

    Reads the files that the run has checked, if any; else `source` (default: the setting). Raises
    BadInput when there is no readable PAYMENTS.
    """
    if run_id and (checked := last_checked_payment(settings, run_id)):
        return min(day, checked)
    folder = source or settings.churn.source
    return min(day, latest_payment_day(settings, folder))


def _plan(
    settings: Settings,
    as_of: date | None,
    label_days: int,
    source: Path | None,
    run_id: str | None,
) -> ChurnRun:
    check_contract()
    check_patterns(churn_contract())
    check_producers(settings)
    source = source.expanduser().absolute() if source else settings.churn.source
    as_of = as_of or latest_payment_day(settings, source)
    history = 2 * label_days + settings.churn.lookback_days
    if not date.min + timedelta(days=history) < as_of < date.max - timedelta(days=1):
        raise BadInput(f"The days that a run as of {as_of} reads leave the calendar.")
    planned = ChurnRun(as_of=as_of, source=source, label_days=label_days)
    return replace(planned, run_id=run_id) if run_id else planned
