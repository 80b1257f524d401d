"""Score every user with Production, and publish the scores in one transaction."""

import logging
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from psycopg import Error, sql

from flows.churn.features.snapshots.build_current_snapshot import current_snapshot
from flows.churn.folders import scored_with
from flows.churn.model.decisions.scored_rows import scored_rows
from flows.churn.model.logged.registry import production_model
from flows.churn.model.lookback import lookback_of
from flows.churn.model.model_document import model_of
from flows.churn.pipeline import SCORING
from flows.churn.run import ChurnRun
from flows.errors import BadInput, count_of, first_line
from flows.platform.pipeline.notifications import notify
from flows.platform.pipeline.report import Report
from flows.platform.storage.atomic_files import write_json
from flows.platform.warehouse.connection import (
    Connection,
    connect,
    execute,
    table_exists,
    transaction,
)
from flows.settings import Settings
from flows.sql_files import read_sql

if TYPE_CHECKING:
    from flows.churn.model.model_document import ServedModel

logger = logging.getLogger(__name__)

# So few that what is made of them stays small beside what the process holds anyway.
_USERS_AT_ONCE = 20_000
_MOST_GROUPS = 200  # segments, and as many cities: nobody looks through more of them


@dataclass(frozen=True)
class Scores:
    """How many users were scored, with which version, and how many count as churning.

    Of all, and of the active ones, who paid in the 90 days up to `as_of`.
    """

    as_of: date
    model_version: str
    users: int
    churning: int
    active: int
    active_churning: int

    def __str__(self) -> str:
        count = "counts" if self.churning == 1 else "count"
        told = (
            f"{count_of(self.users, 'user')} scored with version {self.model_version}, of whom "
            f"{self.churning:,} {count} as churning"
        )
        if self.active and not self.active_churning:
            return f"{told}, none of the {self.active:,} active ones among them."
        return f"{told}; {self.active_churning:,} of the {self.active:,} active ones do."


def score_users(settings: Settings, run: ChurnRun) -> Scores:
    """Replace the scores of `run.as_of` in prod.bt_churn_scores, a row per user; notify people.

    With them the segments and cities that these users have, in prod.bt_churn_scored_groups.

    Raises KpiError when there is no Production, BadInput before build_current_snapshot ran, or
    when it made features with another lookback than Production's.
    """
    described = current_snapshot(settings, run)
    model = production_model(settings)
    production = model.version
    trained_with = lookback_of(settings, model)
    if trained_with not in (None, described.lookback_days):
        raise BadInput(
            f"The users are described by {described.lookback_days} days of payments, and version "
            f"{production}, which is Production now, was trained with {trained_with}.",
            needs_step="find_production",
        )
    create_month(settings, run.as_of)
    with transaction(settings, "score_users") as connection:
        execute(connection, "churn/model/delete_scores.sql", {"as_of": run.as_of})
        scores = _copy(connection, settings, run, production, model_of(model))
        execute(connection, "churn/model/delete_groups.sql", {"as_of": run.as_of})
        execute(
            connection, "churn/model/keep_groups.sql", {"as_of": run.as_of, "most": _MOST_GROUPS}
        )
    # Other runs describe users of the same day, too, by other files or by more days of payments.
    write_json(
        scored_with(settings, run.run_id), {"as_of": str(run.as_of), "model_version": production}
    )
    _vacuum(settings, run.as_of)
    notify(settings, f"{SCORING.title} {run}: {scores}")
    return scores


def create_month(settings: Settings, day: date) -> None:
    """Create the partition of the day's month, before the scores, because it locks out readers."""
    first, name = day.replace(day=1), _partition(day)
    with transaction(settings, "create_month") as connection:
        if not table_exists(connection, f"prod.{name}"):
            execute(
                connection,
                "churn/model/create_month.sql",
                partition=sql.Identifier("prod", name),
                first_day=sql.Literal(first),
                first_day_of_next_month=sql.Literal((first + timedelta(days=32)).replace(day=1)),
            )


def _partition(day: date) -> str:
    return f"bt_churn_scores_{day:%Y_%m}"


def _vacuum(settings: Settings, day: date) -> None:
    """Let readers count scores in an index alone, without the table: a million in no time.

    Scores are published by now: what keeps it from being done is told in the log alone.
    """
    try:
        with connect(settings, "score_users", autocommit=True) as connection:
            execute(
                connection,
                "churn/model/vacuum_scores.sql",
                partition=sql.Identifier("prod", _partition(day)),
            )
    except Error as error:
        logger.warning("Scores are published, and were not vacuumed: %s", first_line(error))


def _copy(
    connection: Connection, settings: Settings, run: ChurnRun, version: str, model: "ServedModel"
) -> Scores:
    users = churning = active = active_churning = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(read_sql("churn/model/copy_scores.sql").encode()) as copy,
    ):
        for rows in scored_rows(settings, run, version, model, _USERS_AT_ONCE):
            copy.write(rows.csv)
            users += rows.users
            churning += rows.churning
            active += rows.active
            active_churning += rows.active_churning
    return Scores(run.as_of, version, users, churning, active, active_churning)


def report_scores(settings: Settings, run: ChurnRun) -> list[Report]:
    """Table: the number of users by probability of churn."""
    with transaction(settings, "report") as connection:
        rows = execute(connection, "churn/model/scores_of_day.sql", {"as_of": run.as_of}).fetchall()
    return [Report("table", "churn-scores", f"Scores {run}", [dict(row) for row in rows])]
