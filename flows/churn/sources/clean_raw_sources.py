"""Check the five files against their contract, and keep them as Parquet."""

import logging
import shutil
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb

from flows.churn.folders import churn_run_folder, churn_runs, read_result
from flows.churn.run import ChurnRun
from flows.churn.sources.contract import SOURCE_FILES, SourceFile
from flows.churn.sources.csv_file import open_source, write_checked
from flows.churn.sources.days_described import settle_days
from flows.churn.sources.delivery import content_hashes
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

    `left_out` names the files whose columns features must not read.
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


def clean_raw_sources(settings: Settings, run: ChurnRun) -> CleanSources:
    """Write `clean/<FILE>.parquet` into the run's folder, all five or none.

    Raises BadInput, naming file, column, rule and first rows, at the first file that breaks its
    contract, or that describes users later than the run's cutoff when no earlier delivery of it
    can take its place (see the setting `newer_files`).
    """
    _forget_old_runs(settings, run)
    folder = clean_folder(settings, run)
    with replacing(folder) as temporary, duckdb_connection(settings) as connection:
        temporary.mkdir(parents=True)
        cleaned = _clean(connection, settings, run, temporary)
        write_json(temporary / _FOUND, asdict(cleaned))
    logger.info(
        "Checked %s in %s.",
        ", ".join(f"{name} ({rows:,} rows)" for name, rows in cleaned.rows.items()),
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
    rows, extra = {}, {}
    for file in SOURCE_FILES:
        source = open_source(file, run.source, settings.churn.date_format)
        rows[file.name] = write_checked(connection, source, _parquet(folder, file))
        if source.extra_columns:
            extra[file.name] = list(source.extra_columns)
            logger.warning(
                "%s has columns that nothing reads: %s.",
                file.file_name,
                ", ".join(source.extra_columns),
            )
    unknown_users, payments = fetch_row(
        connection, "churn/sources/unknown_users.sql", **source_tables(folder)
    )
    if unknown_users:
        logger.warning(
            "%d users of PAYMENTS.csv (%d payments) are in no other file: they are left out.",
            unknown_users,
            payments,
        )
    first_payment_on, last_payment_on = fetch_row(
        connection, "churn/sources/days_of_payments.sql", **source_tables(folder)
    )
    days, left_out = settle_days(connection, settings, run, folder)
    return CleanSources(
        folder=str(run.source),
        rows=rows,
        sha256=content_hashes(run.source),
        true_as_of=days,
        left_out=left_out,
        extra_columns=extra,
        first_payment_on=first_payment_on,
        last_payment_on=last_payment_on,
        unknown_users=unknown_users,
        payments_of_unknown_users=payments,
    )


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
    """Table of the five files: rows, the day they describe, their hash."""
    sources = cleaned_sources(settings, run)
    table = [
        {
            "file": f"{name}.csv",
            "rows": rows,
            "describes users as of": str(sources.true_as_of.get(name, "")),
            "left out": "yes" if name in sources.left_out else "",
            "sha256": sources.sha256[name][:12],
        }
        for name, rows in sources.rows.items()
    ]
    return [Report("table", "churn-sources", f"Sources {run}", table)]
