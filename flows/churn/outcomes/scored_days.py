"""Days whose scores wait to be measured, and what happened to their users."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import sql

from flows.churn.run import ChurnRun
from flows.churn.sources.clean_raw_sources import CleanSources, clean_folder, source_tables
from flows.churn.sources.contract import PAYMENTS
from flows.platform.compute.duckdb import duckdb_connection, file_name
from flows.platform.compute.spill import scratch_folder
from flows.platform.warehouse.connection import execute, transaction
from flows.settings import Settings
from flows.sql_files import read_sql

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from flows.churn.model.metrics import Labels, Vector

    Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ScoredDay:
    """A day's scores of one version; payments up to `last_day` decide who churned."""

    as_of: date
    version: str
    last_day: date


@dataclass(frozen=True)
class Reached:
    """Whom campaigns reached before it was decided who churned; arrays of shape (users,).

    `contacted`, or `held_out` by chance, to be compared with them; `campaign`: which one it was.
    """

    contacted: "Flags"
    held_out: "Flags"
    campaign: "npt.NDArray[np.int64]"


@dataclass(frozen=True)
class Scored:
    """The users of a day in a fixed order, arrays of shape (users,).

    `active` is None for scores of before it was kept who had paid lately; `reached` is None where
    no campaign contacted anybody.
    """

    probability: "Vector"
    churned: "Labels"
    active: "Flags | None"
    reached: Reached | None = None

    def among(self, some: "Flags") -> "Scored":
        """Return these users alone, of whom nobody asks again who is active."""
        reached = self.reached and Reached(
            self.reached.contacted[some], self.reached.held_out[some], self.reached.campaign[some]
        )
        return Scored(self.probability[some], self.churned[some], None, reached)


def scored_days(settings: Settings, run: ChurnRun, sources: CleanSources) -> list[ScoredDay]:
    """Return the days up to the run's whose scores are not measured for good, oldest first.

    What was measured of scores that others took the place of is forgotten.
    """
    with transaction(settings, "measure_outcomes") as connection:
        execute(connection, "churn/outcomes/forget_replaced.sql")
        execute(connection, "churn/campaigns/forget_replaced.sql")
        rows = execute(
            connection,
            "churn/outcomes/scored_days.sql",
            {"since": sources.first_payment_on, "up_to": run.as_of},
        ).fetchall()
    after = timedelta(days=settings.churn.label_days)
    return [ScoredDay(row["as_of"], row["model_version"], row["as_of"] + after) for row in rows]


def what_is_missing(
    settings: Settings, run: ChurnRun, sources: CleanSources, day: ScoredDay
) -> str | None:
    """Return the sentence that says which days of a window PAYMENTS lacks; None for none.

    A few days without any payment, as many as `max_silent_days`, lack nothing.
    """
    where = f"{sources.payment_days},"
    if sources.last_payment_on < day.last_day:
        return (
            f"{where} ends on {sources.last_payment_on}, before {day.last_day}, the last day that "
            f"decides about the scores of {day.as_of}."
        )
    with duckdb_connection(settings) as connection:
        found = connection.execute(
            read_sql("churn/outcomes/longest_silence.sql").format(
                payments=_payments(settings, run),
                as_of=_day(day.as_of),
                last_day=_day(day.last_day),
            )
        ).fetchone()
    before, after = found or (sources.first_payment_on, sources.first_payment_on)
    if (after - before).days - 1 > settings.churn.max_silent_days:
        return (
            f"{where} holds no payment from {before + timedelta(days=1)} to "
            f"{after - timedelta(days=1)}: users scored on {day.as_of} would count as churned for "
            "want of data."
        )
    return None


def what_happened(settings: Settings, run: ChurnRun, day: ScoredDay) -> Scored:
    """Return the day's users with who churned up to its last day, as a training labels them."""
    with scratch_folder(settings) as scratch:
        scores = scratch / "scores.csv"
        _copy(settings, day, scores)
        with duckdb_connection(settings) as connection:
            found: dict[str, Any] = connection.execute(
                read_sql("churn/outcomes/what_happened.sql").format(
                    scores=file_name(scores),
                    payments=_payments(settings, run),
                    as_of=_day(day.as_of),
                    last_day=_day(day.last_day),
                )
            ).fetchnumpy()
    reached = Reached(found["contacted"], found["held_out"], found["campaign"].astype("int64"))
    return Scored(
        probability=found["probability"],
        churned=found["churned"].astype("int64"),
        active=found["active"] if found["knows_active"].all() else None,
        reached=reached if reached.contacted.any() else None,
    )


def paid_in_window(settings: Settings, run: ChurnRun, day: ScoredDay) -> set[int]:
    """Return who paid after the day up to its last one: all others churned."""
    with duckdb_connection(settings) as connection:
        found = connection.execute(
            read_sql("churn/campaigns/who_paid.sql").format(
                payments=_payments(settings, run),
                as_of=_day(day.as_of),
                last_day=_day(day.last_day),
            )
        ).fetchnumpy()
    return set(found["user_id"].tolist())


def _copy(settings: Settings, day: ScoredDay, file: Path) -> None:
    statement = sql.SQL(read_sql("churn/outcomes/copy_scores.sql")).format(
        as_of=sql.Literal(day.as_of),
        last_day=sql.Literal(day.last_day),
        model_version=sql.Literal(day.version),
    )
    with (
        transaction(settings, "measure_outcomes") as connection,
        connection.cursor() as cursor,
        file.open("wb") as target,
        cursor.copy(statement) as copy,
    ):
        for block in copy:
            target.write(block)


def _payments(settings: Settings, run: ChurnRun) -> str:
    return source_tables(clean_folder(settings, run))[PAYMENTS.name.lower()]


def _day(day: date) -> str:
    return f"DATE '{day.isoformat()}'"
