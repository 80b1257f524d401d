"""The snapshot against the weeks before it, with Evidently's page."""

import logging
from dataclasses import asdict, replace
from datetime import date

from flows.churn.drift.columns import MISSING, compare_columns
from flows.churn.drift.evidently_page import evidently_page
from flows.churn.drift.result import ColumnDrift, DriftReport, drift_result, result_file
from flows.churn.drift.samples import current_sample, reference_sample, simulated
from flows.churn.features.silent_days import hole_in_features
from flows.churn.features.snapshots.build_current_snapshot import current_snapshot, snapshot
from flows.churn.features.snapshots.history import days_of_other_lookbacks, reference_days
from flows.churn.folders import drift_report
from flows.churn.run import DriftRun
from flows.platform.pipeline.report import Report
from flows.platform.storage.atomic_files import replacing, write_json
from flows.platform.storage.object_store import address_for_people, put
from flows.settings import Settings

logger = logging.getLogger(__name__)


def run_drift_report(settings: Settings, run: DriftRun) -> DriftReport:
    """Compare the run's snapshot with a mixture of the last weeks' snapshots; write the page.

    Snapshots of another lookback are not compared, and named. Without a snapshot of an earlier
    week nothing is compared, and the report says so. A week that would count as drifted while days
    of PAYMENTS are missing is not comparable. Raises BadInput before the snapshot is built, and
    KpiError when the page cannot be stored in S3.
    """
    lookback_days = current_snapshot(settings, run).lookback_days
    days = reference_days(settings, run.as_of, lookback_days)
    report = replace(
        _compare(settings, run, lookback_days, days)
        if days
        else _nothing_yet(settings, run, lookback_days),
        lookback_days=lookback_days,
        other_lookbacks=days_of_other_lookbacks(settings, run.as_of, lookback_days),
    )
    write_json(result_file(settings, run.run_id), asdict(report))
    for column in report.drifted:
        logger.warning(
            "%s%s drifted: %.3f by %s (threshold %.3g).",
            report.label,
            column.column_name,
            column.score,
            column.method,
            column.threshold,
        )
    logger.log(logging.WARNING if report.hole else logging.INFO, "%s", report)
    return report


def _nothing_yet(settings: Settings, run: DriftRun, lookback_days: int) -> DriftReport:
    hole = hole_in_features(settings, run, lookback_days)
    return DriftReport(run.as_of, run.simulated, [], [], [], 0.0, False, None, hole=hole)


def _compare(
    settings: Settings, run: DriftRun, lookback_days: int, days: list[date]
) -> DriftReport:
    current = current_sample(settings, snapshot(settings, run))
    if run.simulated:
        current = simulated(current, run.simulate_drift, settings.churn.seed)
    reference = reference_sample(settings, lookback_days, days)
    found = compare_columns(settings.churn, current, reference)
    weeks = ", ".join(map(str, days))
    about = f"Compared with the average of {len(days)} weekly snapshots: {weeks}."
    if found.unknown:
        logger.warning("Nothing is known about %s: left out.", ", ".join(found.unknown))
        about += f" Left out, for nothing is known about them: {', '.join(found.unknown)}."
    if missing := _missing(found.columns):
        logger.warning("Of another share of users than before missing: %s.", missing)
        about += f" Missing for another share of users, which counts as drifted: {missing}."
    share = sum(column.drifted for column in found.columns) / len(found.columns)
    drifted = share >= settings.churn.drift_share
    hole = None
    if drifted and not run.simulated and (hole := hole_in_features(settings, run, lookback_days)):
        about += f" {hole}: the week is not comparable, and counts for nothing."
    text = evidently_page(
        settings.churn, found.values, current, reference, title=f"Churn drift {run}", about=about
    )
    page = drift_report(settings, run.as_of, simulated=run.simulated)
    with replacing(page) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return DriftReport(
        day=run.as_of,
        simulated=run.simulated,
        reference=days,
        columns=found.columns,
        left_out=found.unknown,
        drifted_share=share,
        drifted_week=drifted and hole is None,
        page=put(settings, page),
        hole=hole,
    )


def _missing(columns: list[ColumnDrift]) -> str:
    return ", ".join(
        f"{column.column_name} {column.missing_before:.0%} → {column.missing:.0%}"
        for column in columns
        if column.drifted and column.method == MISSING
    )


def report_drift(settings: Settings, run: DriftRun) -> list[Report]:
    """Table of the columns, the largest drift first; summary; link to the page."""
    found = drift_result(settings, run.run_id)
    if found is None:
        return []
    title = f"Churn drift {run}"
    reports = [Report("markdown", "churn-drift-summary", title, f"## {title}\n\n{found}\n")]
    if found.page is None:
        return reports
    page = drift_report(settings, found.day, simulated=found.simulated)
    columns = sorted(
        found.columns, key=lambda column: column.score / column.threshold, reverse=True
    )
    table = [{**asdict(column), "simulated": found.simulated} for column in columns]
    weeks = "\n".join(f"- {day}" for day in found.reference)
    drifted = ", ".join(column.column_name for column in found.drifted) or "none"
    text = (
        f"## {title}\n\n{found}\n\nDrifted columns: {drifted}\n\n"
        f"Left out, nothing is known about them: {', '.join(found.left_out) or 'none'}\n\n"
        f"Compared with the average of the snapshots of\n\n{weeks}\n"
    )
    return [
        Report("markdown", "churn-drift-summary", title, text),
        Report("table", "churn-drift-columns", title, table),
        Report("link", "churn-drift-report", title, address_for_people(settings, page)),
    ]
