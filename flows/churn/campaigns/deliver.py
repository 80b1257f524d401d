"""A campaign's file: checked as a whole, then kept as a whole."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flows.churn.pipeline import CAMPAIGNS, SCORES
from flows.churn.sources.checked_file import write_checked
from flows.churn.sources.contract import Column, SourceFile
from flows.churn.sources.csv_file import open_source
from flows.churn.sources.forgotten_rows import leave_forgotten_out
from flows.errors import BadInput, count_of
from flows.platform.compute.duckdb import duckdb_connection, parquet_rows
from flows.platform.pipeline.declaration import Dataset, Step
from flows.platform.pipeline.lineage.by_command import FileRun, told_command
from flows.platform.warehouse.connection import Connection, execute, transaction
from flows.settings import Settings
from flows.sql_files import read_sql
from flows.values import value

COLUMNS = (
    Column("user_id", "user_id", "whole number", required=True),
    Column("contacted_on", "contacted_on", "date", required=True),
    Column("group", "campaign_group", "text", required=True, known=("contacted", "control")),
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
    belongs to the scores of the last day up to `contacted_on`. The same file again changes nothing.
    Raises BadInput, and keeps nothing, when a cell breaks its rule, a user has two groups, was not
    scored, or was contacted before the first scores or after the days that these look ahead.
    """
    file = Dataset("delivery", path.name)
    run = FileRun(
        as_of=datetime.now(settings.zone).date(), source=path.absolute().parent, file=file
    )
    step = replace(_KEEP, inputs=(file, SCORES))
    return told_command(settings, "churn_campaign", step, lambda: _keep(settings, path), run)


def _keep(settings: Settings, path: Path) -> Delivered:
    rows = _read(settings, path)
    with transaction(settings, "campaign") as connection:
        execute(connection, "churn/campaigns/create_delivered.sql")
        with (
            connection.cursor() as cursor,
            cursor.copy(read_sql("churn/campaigns/copy_delivered.sql").encode()) as copy,
        ):
            for row in rows:
                copy.write_row(row)
        execute(connection, "churn/campaigns/find_scores.sql")
        _check(connection, settings, path)
        named = {"source_name": path.name}
        new = execute(connection, "churn/campaigns/keep_delivered.sql", named).rowcount
    return Delivered(len(rows), new, sum(row[2] == "contacted" for row in rows))


def _read(settings: Settings, path: Path) -> list[tuple[Any, ...]]:
    file = SourceFile(path.stem, COLUMNS)
    source = open_source(file, path, settings.churn.date_format, "refuse")
    with TemporaryDirectory() as folder, duckdb_connection(settings) as connection:
        parquet = Path(folder) / f"{path.stem}.parquet"
        write_checked(connection, source, parquet)
        leave_forgotten_out(settings, parquet.parent)
        query = read_sql("churn/campaigns/delivered_users.sql")
        return connection.execute(query.format(source=parquet_rows(parquet))).fetchall()


def _check(connection: Connection, settings: Settings, path: Path) -> None:
    days = settings.churn.label_days
    found = execute(connection, "churn/campaigns/problems.sql", {"label_days": days}).fetchall()
    if not found:
        return
    first = found[0]
    shown = f" (the first: {first['first_user']}, {first['first_day']})"
    who = f"{count_of(first['users'], 'user')}{value(shown)}"
    what = {
        "before": f"column contacted_on, {who}: before the first day that was scored.",
        "late": f"column contacted_on, {who}: more than {days} days after the scores before it.",
        "other group": f"column group, {who}: in another group than a file before said.",
        "unknown": f"column user_id, {who}: not among the users who were scored by then.",
    }
    raise BadInput(f"{path.name}, {what[first['problem']]} Nothing was kept.")
