"""Check the five files against their contract, and keep them as Parquet."""

import logging
import shutil
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from flows.churn.folders import churn_run_folder, churn_runs, read_result
from flows.churn.run import ChurnRun
from flows.churn.sources.checked_file import CheckedFile, count_left_out, write_checked
from flows.churn.sources.contract import PAYMENTS, SOURCE_FILES, SourceFile
from flows.churn.sources.deliveries.days_described import own_name, settle_days
from flows.churn.sources.deliveries.delivery import content_hash, content_hashes
from flows.churn.sources.forgotten_rows import leave_forgotten_out
from flows.churn.sources.joins import Joins, check_joins, count_joins, report_joins
from flows.churn.sources.producers.delivered_file import open_delivered
from flows.churn.sources.reading.csv_file import OpenSource
from flows.errors import a_few, count_of
from flows.platform.compute.duckdb import duckdb_connection, fetch_row, parquet_rows
from flows.platform.pipeline.report import Report
from flows.platform.storage.atomic_files import read_json_as, replacing, write_json
from flows.settings import Settings

logger = logging.getLogger(__name__)

_CLEAN = "clean"
_FOUND = "sources.json"


@dataclass(frozen=True)
class CleanSources:
    """What the files hold. `true_as_of`: the day that each file about users describes.

    `left_out` names the files whose columns features must not read. `repeated_rows` counts rows by
    file; `nothing` and `unknown_values` count cells by `FILE.COLUMN`: those that hold a word for
    nothing, and those whose value the contract does not know. `forgotten_rows` counts, by
    file, rows that were left out, being of people who were forgotten. Of files that a producer
    wrote in another form: `own_columns` has, by the contract's column, what the file calls it;
    `producers` the SHA-256 of what says so, and `other_rows` the rows that it leaves out.
    """

    folder: str
    rows: dict[str, int]
    sha256: dict[str, str]
    true_as_of: dict[str, date]
    left_out: list[str]
    extra_columns: dict[str, list[str]]
    first_payment_on: date
    last_payment_on: date
    unknown_users: int
    payments_of_unknown_users: int
    # Runs of earlier versions counted none of these.
    repeated_rows: dict[str, int] = field(default_factory=dict)
    nothing: dict[str, int] = field(default_factory=dict)
    unknown_values: dict[str, int] = field(default_factory=dict)
    joins: Joins = field(default_factory=Joins)
    forgotten_rows: dict[str, int] = field(default_factory=dict)
    own_columns: dict[str, dict[str, str]] = field(default_factory=dict)
    producers: dict[str, str] = field(default_factory=dict)
    other_rows: dict[str, int] = field(default_factory=dict)

    def column(self, file: SourceFile, becomes: str) -> str:
        """Return what the delivered file calls a column of the contract."""
        return own_name(self.own_columns, file, becomes)

    @property
    def payment_days(self) -> str:
        """Where the days of payments stand, for sentences."""
        return f"{PAYMENTS.file_name}, column {self.column(PAYMENTS, 'paid_on')}"

    @property
    def ids(self) -> str:
        """What the files call the column with the ids of users, for sentences."""
        return " or ".join(dict.fromkeys(self.column(file, "user_id") for file in SOURCE_FILES))


def clean_raw_sources(settings: Settings, run: ChurnRun) -> CleanSources:
    """Write `clean/<FILE>.parquet` into the run's folder, all five or none.

    Raises BadInput, naming file, column, rule and first rows, at the first file that breaks its
    contract; when two files hardly know the same users (see `min_known_share`); or when a file
    describes users later than the run's cutoff and no earlier delivery of it can take its place
    (see `newer_files`).
    """
    _forget_old_runs(settings, run)
    folder = clean_folder(settings, run)
    with replacing(folder) as temporary, duckdb_connection(settings) as connection:
        temporary.mkdir(parents=True)
        cleaned = _clean(connection, settings, run, temporary)
        write_json(temporary / _FOUND, asdict(cleaned))
    logger.info(
        "Checked %s in %s.",
        ", ".join(f"{name} ({count_of(rows, 'row')})" for name, rows in cleaned.rows.items()),
        run.source,
    )
    return cleaned


def clean_folder(settings: Settings, run: ChurnRun) -> Path:
    """Folder of the run's checked sources."""
    return churn_run_folder(settings, run.run_id) / _CLEAN


def cleaned_sources(settings: Settings, run: ChurnRun) -> CleanSources:
    """Return what `clean_raw_sources` found for this run; raise BadInput before it ran."""
    path = clean_folder(settings, run) / _FOUND
    return read_result(path, CleanSources, run, "checked sources", "clean_raw_sources")


def last_checked_payment(settings: Settings, run_id: str) -> date | None:
    """Return the last day of PAYMENTS as checked by the run of that id; None before it did."""
    path = churn_run_folder(settings, run_id) / _CLEAN / _FOUND
    return read_json_as(path, CleanSources).last_payment_on if path.exists() else None


def source_tables(folder: Path) -> dict[str, str]:
    """Return DuckDB's name of each checked source, by the file's name in lower case."""
    return {file.name.lower(): parquet_rows(_parquet(folder, file)) for file in SOURCE_FILES}


def _clean(
    connection: "duckdb.DuckDBPyConnection", settings: Settings, run: ChurnRun, folder: Path
) -> CleanSources:
    checked: dict[str, CheckedFile] = {}
    extra, own_columns, producers, other_rows = {}, {}, {}, {}
    for file in SOURCE_FILES:
        with open_delivered(settings, file, run.source) as source:
            checked[file.name] = write_checked(connection, source, _parquet(folder, file))
            if source.extra_columns:
                extra[file.name] = _told_extra(source)
            if source.written_by:
                own_columns[file.name] = source.own_columns
                producers[file.name] = content_hash(source.written_by.path)
            if left_out := count_left_out(connection, source):
                other_rows[file.name] = left_out
    forgotten = leave_forgotten_out(settings, folder)
    unknown_users, payments = fetch_row(
        connection, "churn/sources/unknown_users.sql", **source_tables(folder)
    )
    if unknown_users:
        logger.warning(
            "PAYMENTS.csv, column %s: left out, being in no other file: %s (%s).",
            own_name(own_columns, PAYMENTS, "user_id"),
            count_of(unknown_users, "user"),
            count_of(payments, "payment"),
        )
    joins = count_joins(connection, source_tables(folder))
    check_joins(connection, source_tables(folder), joins, settings.churn.min_known_share)
    first_payment_on, last_payment_on = fetch_row(
        connection, "churn/sources/days_of_payments.sql", **source_tables(folder)
    )
    days, too_new = settle_days(connection, settings, run, folder, own_columns)
    # Of an earlier delivery that took the place of this one, too.
    forgotten = leave_forgotten_out(settings, folder) | forgotten
    return CleanSources(
        folder=str(run.source),
        rows={name: file.rows - forgotten.get(name, 0) for name, file in checked.items()},
        sha256=content_hashes(run.source),
        true_as_of=days,
        left_out=too_new,
        extra_columns=extra,
        first_payment_on=first_payment_on,
        last_payment_on=last_payment_on,
        unknown_users=unknown_users,
        payments_of_unknown_users=payments,
        repeated_rows={name: file.repeated_rows for name, file in checked.items()},
        nothing=_by_column({name: file.census.nothing for name, file in checked.items()}),
        unknown_values=_by_column({name: file.census.unknown for name, file in checked.items()}),
        joins=joins,
        forgotten_rows=forgotten,
        own_columns=own_columns,
        producers=producers,
        other_rows=other_rows,
    )


def _told_extra(source: OpenSource) -> list[str]:
    logger.warning(
        "%s has columns that nothing reads: %s.", source.path.name, a_few(source.extra_columns)
    )
    return list(source.extra_columns)


def _by_column(counts: dict[str, dict[str, int]]) -> dict[str, int]:
    return {
        f"{name}.{column}": number
        for name, columns in counts.items()
        for column, number in columns.items()
    }


def _parquet(folder: Path, file: SourceFile) -> Path:
    return folder / f"{file.name}.parquet"


def _forget_old_runs(settings: Settings, run: ChurnRun) -> None:
    runs = churn_runs(settings)
    if not runs.is_dir():
        return
    mine = churn_run_folder(settings, run.run_id)
    others = [folder for folder in runs.iterdir() if folder.is_dir() and folder != mine]
    others.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in others[settings.churn.keep_runs - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)


def report_sources(settings: Settings, run: ChurnRun) -> list[Report]:
    """Table of the five files: rows, the day they describe, what their cells say, their hash."""
    sources = cleaned_sources(settings, run)
    table = [
        {
            "file": f"{name}.csv",
            "rows": rows,
            "describes users as of": str(sources.true_as_of.get(name, "")),
            "left out": "yes" if name in sources.left_out else "",
            "repeated rows": sources.repeated_rows.get(name, 0),
            "cells for nothing": _told(sources.nothing, name),
            "unknown values": _told(sources.unknown_values, name),
            "forgotten": sources.forgotten_rows.get(name, 0),
            "left out by the producer's file": sources.other_rows.get(name, 0),
            "sha256": sources.sha256[name][:12],
        }
        for name, rows in sources.rows.items()
    ]
    return [
        Report("table", "churn-sources", f"Sources {run}", table),
        Report(
            "table",
            "churn-joins",
            f"Users of each file, and who knows them {run}",
            report_joins(sources.joins),
        ),
    ]


def _told(counts: dict[str, int], name: str) -> str:
    return ", ".join(
        f"{column.removeprefix(f'{name}.')} {number:,}"
        for column, number in counts.items()
        if column.startswith(f"{name}.")
    )
