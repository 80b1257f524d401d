"""The day that each file about users describes, and what happens to one that is too new."""

import logging
from datetime import date
from pathlib import Path

import duckdb

from flows.churn.run import ChurnRun
from flows.churn.sources.contract import SOURCE_FILES
from flows.churn.sources.delivery import true_as_of
from flows.churn.sources.earlier_files import remember_file, take_earlier_file
from flows.errors import BadInput
from flows.platform.compute.duckdb import fetch_row, parquet_rows
from flows.settings import Settings

logger = logging.getLogger(__name__)


def settle_days(
    connection: "duckdb.DuckDBPyConnection", settings: Settings, run: ChurnRun, folder: Path
) -> tuple[dict[str, date], list[str]]:
    """Return the day that each file about users describes, and the files to leave out.

    A file that is newer than the cutoff is replaced by one that was delivered earlier. Raises
    BadInput when there is none and the settings say to refuse, or when a file holds later days
    than the delivery says.
    """
    days = _days_described(connection, run, folder)
    for name in true_as_of(run.source):
        remember_file(settings, name, days[name], folder / f"{name}.parquet")
    for name, day in days.items():
        if day > run.cutoff:
            parquet = folder / f"{name}.parquet"
            days[name] = take_earlier_file(settings, name, run.cutoff, parquet) or day
        elif (run.cutoff - day).days > settings.churn.max_silent_days:
            logger.warning(
                "%s.csv describes users as of %s, %d days before %s, which features describe.",
                name,
                day,
                (run.cutoff - day).days,
                run.cutoff,
            )
    return days, _too_new(settings, run, days)


def _days_described(
    connection: "duckdb.DuckDBPyConnection", run: ChurnRun, folder: Path
) -> dict[str, date]:
    stated = true_as_of(run.source)
    days = {}
    for file in SOURCE_FILES:
        if not file.describes_users:
            continue
        days[file.name] = stated.get(file.name, run.cutoff)
        if file.newest_day is None:
            continue
        newest: date | None
        (newest,) = fetch_row(
            connection,
            "churn/sources/last_day.sql",
            column=file.column(file.newest_day).becomes,
            source=parquet_rows(folder / f"{file.name}.parquet"),
        )
        if file.name in stated and newest and newest > stated[file.name]:
            raise BadInput(
                f"{file.file_name}: column {file.newest_day} holds {newest}, but the delivery "
                f"says that the file is true as of {stated[file.name]}."
            )
        days[file.name] = max(days[file.name], newest or date.min)
    return days


def _too_new(settings: Settings, run: ChurnRun, days: dict[str, date]) -> list[str]:
    newer = {name: day for name, day in days.items() if day > run.cutoff}
    if not newer:
        return []
    told = ", ".join(f"{name}.csv describes users as of {day}" for name, day in newer.items())
    if settings.churn.newer_files == "refuse":
        raise BadInput(
            f"{told}; features may know nothing later than {run.cutoff}. Deliver it as of that "
            "day (and say so in delivery.json), or set KPI_CHURN__NEWER_FILES=leave_out."
        )
    logger.warning(
        "%s, later than the cutoff %s: its columns are left out of the features.", told, run.cutoff
    )
    return sorted(newer)
