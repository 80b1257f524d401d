"""What PAYMENTS holds of the label window: why nobody churned, or everybody did."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from flows.churn.run import ChurnRun
from flows.churn.sources.clean_raw_sources import (
    CleanSources,
    clean_folder,
    cleaned_sources,
    source_tables,
)
from flows.churn.sources.contract import PAYMENTS
from flows.errors import count_of
from flows.platform.compute.duckdb import duckdb_connection, fetch_row, parquet_rows
from flows.settings import Settings

_FEW_ARE_KNOWN = 0.5


@dataclass(frozen=True)
class LabelWindow:
    """Payments from `first_day` to `last_day`, among all of them, and who made them.

    `payers` made a payment in these days; features describe `known_payers` of them, and `users` in
    all. `last_before` is the day of the last payment before the window.
    """

    sources: CleanSources
    first_day: date
    last_day: date
    users: int
    payments: int
    payments_in_window: int
    payers: int
    known_payers: int
    last_before: date | None

    def __str__(self) -> str:
        paid = f"{self.known_payers:,} of {count_of(self.users, 'user')} of the files about users"
        before = f"; the last one before them is of {self.last_before}" if self.last_before else ""
        ids, days = self.sources.ids, self.sources.payment_days
        return (
            f"From {self.first_day} to {self.last_day}, {paid} (column {ids}) made a payment: "
            f"these days hold {self.payments_in_window:,} of the "
            f"{count_of(self.payments, 'payment')} in {days}{before}."
        )


def label_window(settings: Settings, run: ChurnRun, features: Path) -> LabelWindow:
    """Count the payments of the run's label window, and the users of its features."""
    first_day = run.cutoff + timedelta(days=1)
    payments = source_tables(clean_folder(settings, run))[PAYMENTS.name.lower()]
    users = parquet_rows(features)
    with duckdb_connection(settings) as connection:
        (described,) = fetch_row(connection, "churn/sources/count_rows.sql", source=users)
        counted = fetch_row(
            connection,
            "churn/features/label_window.sql",
            in_window=f"paid_on BETWEEN DATE '{first_day}' AND DATE '{run.as_of}'",
            cutoff=f"DATE '{run.cutoff}'",
            users=users,
            payments=payments,
        )
    sources = cleaned_sources(settings, run)
    return LabelWindow(sources, first_day, run.as_of, described, *counted)


def nothing_to_learn(window: LabelWindow, *, left_out: bool) -> str:
    """Return the sentences for users all of whom churned, or none; `left_out`: by a setting.

    They say what in the files is the cause: the ids, the days, or who is listed.
    """
    if not window.users:
        return (
            f"No user of the files about users (column {window.sources.ids}) "
            f"{'had paid' if left_out else 'is known'} by {window.first_day - timedelta(days=1)} "
            f"({window.sources.payment_days}): there is nothing to learn."
        )
    who = "None" if window.known_payers else "All"
    return (
        f"{who} of {count_of(window.users, 'user')} churned: there is nothing to learn. {window} "
        f"{_cause(window)}"
    )


def _cause(window: LabelWindow) -> str:
    known = window.sources.joins.share(PAYMENTS.name)
    if known < _FEW_ARE_KNOWN:
        return (
            f"{known:.0%} of the users of {PAYMENTS.file_name} are in another file: do all files "
            f"write the same ids in {window.sources.ids}?"
        )
    if window.known_payers:
        return "Do those files list only users who still paid? They need those who no longer do."
    if window.payments_in_window:
        payers = count_of(window.payers, "user")
        return (
            f"{payers} made them, whom none of the files about users knows: does "
            f"{PAYMENTS.file_name} write the ids of these days as they do?"
        )
    return f"Run as of {window.last_before}, or deliver the missing days."
