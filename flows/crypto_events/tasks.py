"""The steps as Prefect tasks, under the names that everybody knows them by."""

from flows.crypto_events import steps
from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.validation import reports
from flows.platform.orchestration.tasks import as_task

generate_fake_history_last_5_days = as_task(PIPELINE, steps.generate_fake_history_last_5_days)
build_events_candidate = as_task(PIPELINE, steps.build_events_candidate)
ge_validate_raw = as_task(PIPELINE, steps.ge_validate_raw, reports.report_raw_validation)
ge_validate_candidate = as_task(
    PIPELINE, steps.ge_validate_candidate, reports.report_candidate_validation
)
merge_to_prod = as_task(PIPELINE, steps.merge_to_prod, reports.report_publication)
vacuum_analyze_prod = as_task(PIPELINE, steps.vacuum_analyze_prod)
notify_success = as_task(PIPELINE, steps.notify_success, reports.report_data_docs)
