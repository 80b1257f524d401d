"""A campaign's file: checked as a whole, then kept as a whole."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import errors, sql

from flows.churn.pipeline import CAMPAIGNS, SCORES
from flows.churn.sources.checked_file import write_checked
from flows.churn.sources.contract import Allowed, Column, SourceFile
from flows.churn.sources.reading.csv_file import OpenSource, open_source
from flows.churn.sources.reading.problems import read_with
from flows.errors import BadInput, PipelineBusy, count_of
from flows.platform.compute.duckdb import duckdb_connection, file_name
from flows.platform.compute.spill import scratch_folder
from flows.platform.forgetting.forgotten import forgotten_people
from flows.platform.pipeline.declaration import Dataset, Step
from flows.platform.pipeline.lineage.by_command import FileRun, told_command
from flows.platform.warehouse.connection import Connection, execute, transaction
from flows.settings import Settings
from flows.sql_files import read_sql
from flows.values import value

logger = logging.getLogger(__name__)

_GROUPS = Allowed("known_group", ("contacted", "control"))
COLUMNS = (
    Column("user_id", "user_id", "whole number", required=True),
    Column("contacted_on", "contacted_on", "date", required=True),
    Column("group", "campaign_group", "text", required=True, allowed=(_GROUPS,)),
)

_KEEP = Step(
    f"{__name__}:deliver_campaign",
    "Keep whom a campaign contacted and held out",
    outputs=(CAMPAIGNS,),
    facts="flows.churn.lineage.facts:campaign_delivered",
)


@dataclass(frozen=True)
class Delivered:
    """How many users of the file were new, and how many of them were contacted."""

    users: int
    new: int
    contacted: int


def deliver_campaign(settings: Settings, path: Path) -> Delivered:
    """Keep whom a campaign contacted and held out, in prod.bt_churn_campaigns.

    The file has the columns `user_id`, `contacted_on` and `group` (contacted or control). A user
    belongs to the scores of the last day up to `contacted_on`. The same file again changes nothing,
    and files that are delivered at once count one after the other. Who was forgotten is left out.
    Raises BadInput, and keeps nothing, when a cell breaks its rule, a user was not scored, was
    contacted before the first scores or when the days that these look ahead were over, or is in two
    groups while a contact of one still counts; PipelineBusy when another delivery takes too long.
    """
    file = Dataset("delivery", path.name)
    run = FileRun(
        as_of=datetime.now(settings.zone).date(), source=path.absolute().parent, file=file
    )
    step = replace(_KEEP, inputs=(file, SCORES))
    return told_command(settings, "churn_campaign", step, lambda: _keep(settings, path), run)


def _keep(settings: Settings, path: Path) -> Delivered:
    file = SourceFile(path.stem, COLUMNS)
    source = open_source(file, path, settings.churn.date_format, "refuse")
    rows = _read(settings, source)
    with transaction(settings, "campaign") as connection:
        _wait_for_others(connection, settings, path.name)
        rows = _of_those_not_forgotten(settings, connection, rows, path.name)
        execute(connection, "churn/campaigns/create_delivered.sql")
        with (
            connection.cursor() as cursor,
            cursor.copy(read_sql("churn/campaigns/copy_delivered.sql").encode()) as copy,
        ):
            for row in rows:
                copy.write_row(row)
        execute(connection, "churn/campaigns/find_scores.sql")
        _check(connection, settings, source)
        named = {"source_name": path.name}
        new = execute(connection, "churn/campaigns/keep_delivered.sql", named).rowcount
    return Delivered(len(rows), new, sum(row[3] == "contacted" for row in rows))


def _wait_for_others(connection: Connection, settings: Settings, name: str) -> None:
    # Without the lock, two files would not see each other's users, and put one in both groups.
    table = sql.Identifier("prod", "bt_churn_campaigns")
    try:
        execute(connection, "platform/warehouse/lock.sql", table=table)
    except errors.LockNotAvailable as error:
        raise PipelineBusy(
            f"Another campaign was still being kept after {settings.lock_timeout_seconds} seconds; "
            f"nothing of {name} was kept. Run again when it has ended."
        ) from error


def _of_those_not_forgotten(
    settings: Settings, connection: Connection, rows: list[tuple[Any, ...]], name: str
) -> list[tuple[Any, ...]]:
    # In the transaction that keeps the rows: `kpi forget` waits for it, and then finds them.
    people = forgotten_people(settings, connection)
    if people is None:
        return rows
    kept = [row for row in rows if not people.has(str(row[1]))]
    if left_out := len(rows) - len(kept):
        told = count_of(left_out, "row")
        logger.warning("Left out %s of %s, of people who were forgotten.", told, name)
    return kept


def _read(settings: Settings, source: OpenSource) -> list[tuple[Any, ...]]:
    """Return the number of the row, user, day and group of everybody in the file."""
    with scratch_folder(settings) as folder, duckdb_connection(settings) as connection:
        parquet = folder / f"{source.file.name}.parquet"
        write_checked(connection, source, parquet)
        query = read_sql("churn/campaigns/delivered_users.sql")

        def kept(source: OpenSource) -> list[tuple[Any, ...]]:
            statement = query.format(kept=file_name(parquet), numbered=source.numbered)
            return connection.execute(statement).fetchall()

        return read_with(connection, source, kept)


def _check(connection: Connection, settings: Settings, source: OpenSource) -> None:
    days = settings.churn.label_days
    found = execute(connection, "churn/campaigns/problems.sql", {"label_days": days}).fetchall()
    if not found:
        return
    what = {
        "unknown": ("user_id", "not among the users who were scored by then"),
        "before": ("contacted_on", "before the first day that was scored"),
        "late": ("contacted_on", f"{days} days or more after the scores before it"),
        "other group": ("group", f"in another group within {days} days, as a file before said"),
    }
    problems = []
    for kind in found:
        column, rule = what[kind["problem"]]
        first = zip(
            source.places(kind["first_rows"]), kind["first_users"], kind["first_days"], strict=True
        )
        listed = ", ".join(f"{place}{value(f': user {user}, {day}')}" for place, user, day in first)
        problems.append(f"column {column}: {count_of(kind['users'], 'user')} {rule} ({listed})")
    raise BadInput(
        f"{source.path.name}: {'; '.join(problems)}.{source.how_rows_count} Nothing was kept."
    )
