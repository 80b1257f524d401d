"""Days without any payment, just before the day of a run: more likely missing than silent."""

import logging
from datetime import date, timedelta

from flows.churn.run import ChurnRun
from flows.churn.sources.clean_raw_sources import clean_folder, cleaned_sources, source_tables
from flows.churn.sources.contract import PAYMENTS
from flows.platform.compute.duckdb import duckdb_connection
from flows.settings import Settings
from flows.sql_files import read_sql

logger = logging.getLogger(__name__)

WINDOWS = (7, 30, 60, 90)
"""Days before the cutoff that features count payments in; others read the whole lookback."""

_A_HOLE = 0.1  # share of a window without payments from which its features say something else


def hole_in_features(settings: Settings, run: ChurnRun, lookback_days: int) -> str | None:
    """Return which days are missing that features read; None where none are, or hardly any.

    Days are missing where no payment was made for more than `max_silent_days`; they matter where
    they are a tenth of a window that features read.
    """
    since = run.cutoff - timedelta(days=lookback_days)
    with duckdb_connection(settings) as connection:
        silences = connection.execute(
            read_sql("churn/drift/silences.sql").format(
                payments=source_tables(clean_folder(settings, run))[PAYMENTS.name.lower()],
                days=settings.churn.max_silent_days,
                since=f"DATE '{since}'",
                last_day=f"DATE '{run.cutoff}'",
            )
        ).fetchall()
    for before, after in silences:
        for days in (*WINDOWS, lookback_days):
            first = max(before, run.cutoff - timedelta(days=days)) + timedelta(days=1)
            if (min(after, run.cutoff + timedelta(days=1)) - first).days >= _A_HOLE * days:
                return _silence(settings, run, before, after)
    return None


def silence_in_labels(settings: Settings, run: ChurnRun, cutoff: date) -> str | None:
    """Return why the label window after an earlier cutoff is not complete; None where it is.

    It is complete where no silence that touches it is longer than `max_silent_days`. PAYMENTS must
    hold a later payment.
    """
    with duckdb_connection(settings) as connection:
        found = connection.execute(
            read_sql("churn/outcomes/longest_silence.sql").format(
                payments=source_tables(clean_folder(settings, run))[PAYMENTS.name.lower()],
                as_of=f"DATE '{cutoff}'",
                last_day=f"DATE '{cutoff + timedelta(days=run.label_days)}'",
            )
        ).fetchone()
    if found is None or (found[1] - found[0]).days - 1 <= settings.churn.max_silent_days:
        return None
    return _silence(settings, run, *found)


def warn_of_silent_days(settings: Settings, run: ChurnRun) -> None:
    """Tell of the longest silence in the last label window, if it is longer than settings allow.

    One payment with a wrong day, later than all others, makes such a silence: nearly every user
    then counts as churned.
    """
    with duckdb_connection(settings) as connection:
        found = connection.execute(
            read_sql("churn/sources/longest_silence.sql").format(
                payments=source_tables(clean_folder(settings, run))[PAYMENTS.name.lower()],
                last_day=f"DATE '{run.as_of}'",
                since=f"DATE '{run.as_of - timedelta(days=settings.churn.label_days)}'",
            )
        ).fetchone()
    if found is None:
        return
    before, after = found
    if (after - before).days - 1 > settings.churn.max_silent_days:
        logger.warning(
            "%s, and the run is as of %s: users count as silent for want of data. "
            "Are days missing, or is a later one wrong?",
            _silence(settings, run, before, after),
            run.as_of,
        )


def _silence(settings: Settings, run: ChurnRun, before: date, after: date) -> str:
    """Return which days have no payment, between those two that have some."""
    return (
        f"{cleaned_sources(settings, run).payment_days}, holds no payment from "
        f"{before + timedelta(days=1)} to {after - timedelta(days=1)}"
    )
