"""Churn scores: a month is dropped as a whole."""

from datetime import date

from psycopg import sql

from flows.platform.warehouse.connection import Connection, execute, fetch_one
from flows.retention.ledger import Pruned
from flows.retention.run import PruneRun
from flows.settings import Settings

PLACE = "prod.bt_churn_scores"


def old_months(connection: Connection, settings: Settings, run: PruneRun) -> list[str]:
    """Return the names of the partitions before the kept period, oldest first."""
    rows = execute(
        connection, "retention/months_of_scores.sql", {"kept_from": _from(settings, run)}
    )
    return [row["name"] for row in rows]


def drop_month(connection: Connection, settings: Settings, run: PruneRun, name: str) -> Pruned:
    """Drop a partition, unless it is a dry run; return what was in it."""
    partition = sql.Identifier("prod", name)
    named = {"partition": partition, "quoted": sql.Literal(f"prod.{name}")}
    size = fetch_one(connection, "retention/count_scores.sql", None, **named)
    if run.removes:
        execute(connection, "retention/drop_scores.sql", partition=partition)
    return Pruned(PLACE, _from(settings, run), rows=size["rows"], bytes=size["bytes"])


def _from(settings: Settings, run: PruneRun) -> date:
    return run.kept_from(settings.retention.scores_days)
