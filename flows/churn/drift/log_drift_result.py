"""Record the numbers, and ask for a training when drift is lasting."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from psycopg.types.json import Jsonb

from flows.churn.drift.result import DriftReport, drift_result
from flows.churn.events import NOBODY_LISTENS, emit
from flows.churn.features.snapshots.build_current_snapshot import current_snapshot, snapshot
from flows.churn.features.snapshots.history import remember_snapshot
from flows.churn.pipeline import DRIFT_MONITOR, LASTING_DRIFT
from flows.churn.run import DriftRun
from flows.errors import BadInput
from flows.platform.pipeline.notifications import notify
from flows.platform.warehouse.connection import execute, transaction
from flows.settings import Settings
from flows.settings.churn import ChurnSettings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DriftLogged:
    """The message, whether drift is lasting, and whether the event for it was handed over."""

    message: str
    lasting: bool
    handed_over: bool


def log_drift_result(settings: Settings, run: DriftRun) -> DriftLogged:
    """Record the comparison, keep the snapshot, and emit an event when drift is lasting.

    Of a simulated run only the numbers are recorded, marked as simulated. The snapshot of a
    week that is not comparable is no reference for others.
    Raises BadInput before `run_drift_report` ran.
    """
    report = drift_result(settings, run.run_id)
    if report is None:
        raise BadInput(f"Run {run.run_id} has no drift report.", needs_step="run_drift_report")
    _record(settings, run, report)
    if not run.simulated and not report.hole:
        lookback_days = current_snapshot(settings, run).lookback_days
        remember_snapshot(settings, run.as_of, snapshot(settings, run), lookback_days)
    weeks = last_weeks(settings)
    lasting = asks_for_training(settings, report)
    message = f"{DRIFT_MONITOR.title} {run}: {report}"
    handed_over = False
    if lasting:
        message += f" {sum(weeks)} of the last {len(weeks)} weeks drifted: {LASTING_DRIFT}."
        payload = {"drifted": [column.column_name for column in report.drifted]}
        handed_over = emit(settings, LASTING_DRIFT, run, payload)
        if not handed_over:
            logger.warning(NOBODY_LISTENS)
    notify(settings, message)
    return DriftLogged(message, lasting, handed_over)


def asks_for_training(settings: Settings, report: DriftReport) -> bool:
    """Return whether drift is lasting, this recorded report included.

    It never is for a simulated report, or one that had nothing to compare with.
    """
    if report.simulated or report.hole or not report.reference:
        return False
    return lasts(settings.churn, last_weeks(settings))


def last_weeks(settings: Settings) -> list[bool]:
    """Return whether each of the last recorded weeks drifted, newest first."""
    with transaction(settings, "log_drift_result") as connection:
        rows = execute(
            connection, "churn/drift/weeks.sql", {"weeks": settings.churn.drift_weeks}
        ).fetchall()
    return [row["drifted_week"] for row in rows]


def lasts(churn: ChurnSettings, weeks: Sequence[bool]) -> bool:
    """Return whether drift is lasting: enough of `weeks` drifted, the newest among them.

    `weeks`: whether each of the last weeks drifted, newest first.
    """
    return bool(weeks) and weeks[0] and sum(weeks) >= churn.drift_weeks_to_retrain


def _record(settings: Settings, run: DriftRun, report: DriftReport) -> None:
    if not report.reference:
        return
    common = {
        "run_id": run.run_id,
        "snapshot_day": report.day,
        "simulated": report.simulated,
    }
    with transaction(settings, "log_drift_result") as connection:
        execute(connection, "churn/drift/forget_run.sql", common)
        execute(
            connection,
            "churn/drift/record_run.sql",
            {
                **common,
                "columns": len(report.columns),
                "drifted_columns": len(report.drifted),
                "drifted_share": report.drifted_share,
                "drifted_week": report.drifted_week,
                "reference_snapshots": report.reference,
                "left_out": report.left_out,
                "report": report.page,
                "hole": report.hole,
            },
        )
        found = Jsonb([asdict(column) for column in report.columns])
        execute(connection, "churn/drift/record_columns.sql", {**common, "found": found})
