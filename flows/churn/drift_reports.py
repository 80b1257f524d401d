"""What the drift monitor leaves for people in Prefect."""

from dataclasses import asdict

from flows.churn.drift.result import drift_result
from flows.churn.drift_run import DriftRun
from flows.platform.orchestration.tasks import Report
from flows.platform.storage.layout import drift_report
from flows.platform.storage.object_store import address_for_people
from flows.settings import Settings


def report_drift(settings: Settings, run: DriftRun) -> list[Report]:
    """Table of the columns, the farthest first; summary; link to the page."""
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
