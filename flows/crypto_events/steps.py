"""The steps in their order: plain functions of settings and run, no orchestrator in sight."""

from flows.crypto_events.landing.generate_fake_history_last_5_days import (
    generate_fake_history_last_5_days,
)
from flows.crypto_events.publication.merge_to_prod import merge_to_prod
from flows.crypto_events.publication.notify_success import notify_success
from flows.crypto_events.publication.vacuum_analyze_prod import vacuum_analyze_prod
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.crypto_events.validation.validate import ge_validate_candidate, ge_validate_raw

__all__ = [
    "build_events_candidate",
    "ge_validate_candidate",
    "ge_validate_raw",
    "generate_fake_history_last_5_days",
    "merge_to_prod",
    "notify_success",
    "vacuum_analyze_prod",
]
