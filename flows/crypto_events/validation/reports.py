"""A run's reports for people in Prefect, read back from the warehouse."""

from flows.crypto_events.contract import CANDIDATE_SUITE, RAW_SUITE
from flows.crypto_events.run import WindowRun
from flows.platform.pipeline.report import Report
from flows.platform.storage.layout import data_docs_index
from flows.platform.storage.object_store import address_for_people, object_address, object_exists
from flows.platform.warehouse.connection import execute, transaction
from flows.settings import Settings


def report_raw_validation(settings: Settings, run: WindowRun) -> list[Report]:
    """Table of suite_raw_history's checks, rejects by reason, link to the Data Docs."""
    return _report_validation(settings, run, RAW_SUITE, "crypto-validation-raw")


def report_candidate_validation(settings: Settings, run: WindowRun) -> list[Report]:
    """Table of suite_staging_candidate's checks, rejects by reason, link to the Data Docs."""
    return _report_validation(settings, run, CANDIDATE_SUITE, "crypto-validation-candidate")


def report_data_docs(settings: Settings, run: WindowRun) -> list[Report]:
    """Link to the Data Docs, once they are built."""
    index = data_docs_index(settings)
    if not object_exists(settings, object_address(settings, index)):
        return []
    address = address_for_people(settings, index)
    return [Report("link", "crypto-data-docs", "Data Docs", address)]


def _report_validation(settings: Settings, run: WindowRun, suite: str, key: str) -> list[Report]:
    parameters = {"run_id": run.run_id, "suite": suite}
    with transaction(settings, "report") as connection:
        verdict = execute(connection, "crypto_events/validation/verdict.sql", parameters).fetchone()
        rejects = execute(
            connection, "crypto_events/validation/rejects_of_run.sql", parameters
        ).fetchall()
    if verdict is None:
        return []
    table = [
        {
            "check": check["description"],
            "passed": "yes" if check["success"] else "NO",
            "unexpected rows": check["unexpected_rows"] or 0,
        }
        for check in verdict["results"]
    ]
    reports = [Report("table", key, f"{suite} on {run}", table)]
    if rejects:
        reports.append(
            Report(
                "table",
                "crypto-rejects-by-reason",
                f"Rejected rows of {run} by reason",
                [dict(row) for row in rejects],
            )
        )
        reports += report_data_docs(settings, run)
    return reports
