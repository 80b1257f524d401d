"""Step 2 of the drift monitor: Evidently compares the snapshot with the weeks before it."""

import logging
from dataclasses import asdict
from datetime import date

from flows.churn.drift.comparison import appeared_or_vanished, compare, presence
from flows.churn.drift.result import DriftReport, result_file
from flows.churn.drift.samples import current_sample, reference_sample, simulated
from flows.churn.drift_run import DriftRun
from flows.churn.features.build_current_snapshot import snapshot
from flows.churn.features.history import reference_days
from flows.errors import BadInput
from flows.platform.storage.atomic_files import replacing, write_json
from flows.platform.storage.layout import drift_report
from flows.platform.storage.object_store import keep
from flows.settings import Settings

logger = logging.getLogger(__name__)


def run_drift_report(settings: Settings, run: DriftRun) -> DriftReport:
    """Compare the run's snapshot with the average of the last weeks, and write the page.

    A column that is known on one side alone counts as drifted. Without a snapshot of an earlier
    week nothing is compared, and the report says so. Raises BadInput before the snapshot is
    built, and KpiError when S3 does not take the page.
    """
    if not snapshot(settings, run).is_dir():
        raise BadInput(f"Run {run.run_id} has no snapshot. Run build_current_snapshot first.")
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
    address = keep(settings, page)
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
