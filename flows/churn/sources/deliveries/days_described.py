"""The day that each file about users describes, and what happens to one that is too new."""

import logging
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from flows.churn.run import ChurnRun
from flows.churn.sources.contract import SOURCE_FILES, SourceFile
from flows.churn.sources.deliveries.delivery import DELIVERY, true_as_of
from flows.churn.sources.deliveries.earlier_files import remember_file, take_earlier_file
from flows.errors import BadInput
from flows.platform.compute.duckdb import fetch_row, parquet_rows
from flows.settings import Settings

logger = logging.getLogger(__name__)


OwnColumns = Mapping[str, Mapping[str, str]]


def own_name(own_columns: OwnColumns, file: SourceFile, becomes: str) -> str:
    """Return what a delivered file calls a column: by the contract, where it has no own name."""
    by_contract = next(column.name for column in file.columns if column.becomes == becomes)
    return own_columns.get(file.name, {}).get(becomes, by_contract)


def settle_days(
    connection: "duckdb.DuckDBPyConnection",
    settings: Settings,
    run: ChurnRun,
    folder: Path,
    own_columns: OwnColumns,
) -> tuple[dict[str, date], list[str]]:
    """Return the day that each file about users describes, and the files to leave out.

    A file that is newer than the cutoff is replaced by one that was delivered earlier. Raises
    BadInput when there is none and the settings say to refuse, or when a file holds later days
    than the delivery says.
    """
    stated = true_as_of(run.source)
    newest = _newest_days(connection, stated, folder, own_columns)
    days = {
        file.name: max(stated.get(file.name, run.cutoff), newest.get(file.name, date.min))
        for file in SOURCE_FILES
        if file.describes_users
    }
    for name in stated:
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
    return days, _too_new(settings, run, days, stated, own_columns)


def _newest_days(
    connection: "duckdb.DuckDBPyConnection",
    stated: dict[str, date],
    folder: Path,
    own_columns: OwnColumns,
) -> dict[str, date]:
    """Return the last day that each file about users holds; a file without any is not in it."""
    found = {}
    for file in SOURCE_FILES:
        if file.newest_day is None:
            continue
        newest: date | None
        (newest,) = fetch_row(
            connection,
            "churn/sources/last_day.sql",
            column=file.column(file.newest_day).becomes,
            source=parquet_rows(folder / f"{file.name}.parquet"),
        )
        if newest is None:
            continue
        if newest > stated.get(file.name, newest):
            raise BadInput(
                f"{file.file_name}: column {_newest(file, own_columns)} holds {newest}, but the "
                f"delivery says that the file is true as of {stated[file.name]}."
            )
        found[file.name] = newest
    return found


def _newest(file: SourceFile, own_columns: OwnColumns) -> str:
    column = file.column(file.newest_day or "")
    return own_name(own_columns, file, column.becomes)


def _too_new(
    settings: Settings,
    run: ChurnRun,
    days: dict[str, date],
    stated: dict[str, date],
    own_columns: OwnColumns,
) -> list[str]:
    newer = [file for file in SOURCE_FILES if days.get(file.name, run.cutoff) > run.cutoff]
    if not newer:
        return []
    told = ", ".join(
        f"{file.file_name} describes users as of {days[file.name]} "
        + (
            f"({DELIVERY} says so)"
            if file.name in stated
            else f"(column {_newest(file, own_columns)} holds that day)"
        )
        for file in newer
    )
    if settings.churn.newer_files == "refuse":
        raise BadInput(
            f"{told}; features may know nothing later than {run.cutoff}. Deliver "
            f"{'it' if len(newer) == 1 else 'them'} as of that day (and say so in {DELIVERY}), "
            "correct the days, or set KPI_CHURN__NEWER_FILES=leave_out."
        )
    logger.warning(
        "%s, later than the cutoff %s: its columns are left out of the features.", told, run.cutoff
    )
    return sorted(file.name for file in newer)
