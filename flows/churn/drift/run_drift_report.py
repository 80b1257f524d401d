"""Evidently compares the snapshot with the weeks before it."""

import logging
from dataclasses import asdict
from datetime import date

from flows.churn.drift.comparison import appeared_or_vanished, compare, presence
from flows.churn.drift.result import DriftReport, drift_result, result_file
from flows.churn.drift.samples import current_sample, reference_sample, simulated
from flows.churn.features.build_current_snapshot import snapshot
from flows.churn.features.history import reference_days
from flows.churn.folders import drift_report
from flows.churn.run import DriftRun
from flows.errors import BadInput
from flows.platform.pipeline.report import Report
from flows.platform.storage.atomic_files import replacing, write_json
from flows.platform.storage.object_store import address_for_people, put
from flows.settings import Settings

logger = logging.getLogger(__name__)


def run_drift_report(settings: Settings, run: DriftRun) -> DriftReport:
    """Compare the run's snapshot with a mixture of the last weeks' snapshots; write the page.

    A column with values on one side only counts as drifted. Without a snapshot of an earlier week
    nothing is compared, and the report says so. Raises BadInput before the snapshot is built, and
    KpiError when the page cannot be stored in S3.
    """
    if not snapshot(settings, run).is_dir():
        raise BadInput(f"Run {run.run_id} has no snapshot.", needs_step="build_current_snapshot")
    days = reference_days(settings, run.as_of)
    report = _compare(settings, run, days) if days else _nothing_yet(run)
    write_json(result_file(settings, run.run_id), asdict(report))
    for column in report.drifted:
        logger.warning(
            "%s%s drifted: %.3f by %s (threshold %g).",
            report.label,
            column.column_name,
            column.score,
            column.method,
            column.threshold,
        )
    logger.info("%s", report)
    return report


def _nothing_yet(run: DriftRun) -> DriftReport:
    return DriftReport(run.as_of, run.simulated, [], [], [], 0.0, False, None)


def _compare(settings: Settings, run: DriftRun, days: list[date]) -> DriftReport:
    current = current_sample(settings, snapshot(settings, run))
    if run.simulated:
        current = simulated(current, run.simulate_drift, settings.churn.seed)
    reference = reference_sample(settings, days)
    found = presence(current, reference)
    weeks = ", ".join(map(str, days))
    about = f"Compared with the average of {len(days)} weekly snapshots: {weeks}."
    if found.unknown:
        logger.warning("Nothing is known about %s: left out.", ", ".join(found.unknown))
        about += f" Left out, for nothing is known about them: {', '.join(found.unknown)}."
    if found.one_sided:
        logger.warning(
            "%s: known before and not at all now, or the other way round.",
            ", ".join(found.one_sided),
        )
        about += f" Known on one side alone, which counts as drifted: {', '.join(found.one_sided)}."
    compared, text = compare(
        settings.churn,
        current[found.compared],
        reference[found.compared],
        title=f"Churn drift {run}",
        about=about,
    )
    page = drift_report(settings, run.as_of, simulated=run.simulated)
    with replacing(page) as temporary:
        temporary.write_text(text, encoding="utf-8")
    address = put(settings, page)
    columns = compared + [appeared_or_vanished(name) for name in found.one_sided]
    share = sum(column.drifted for column in columns) / len(columns)
    return DriftReport(
        day=run.as_of,
        simulated=run.simulated,
        reference=days,
        columns=columns,
        left_out=found.unknown,
        drifted_share=share,
        drifted_week=share >= settings.churn.drift_share,
        page=address,
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
    columns = sorted(found.columns, key=lambda column: column.score, reverse=True)
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
