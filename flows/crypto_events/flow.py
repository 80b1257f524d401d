"""The run book of crypto events, as a Prefect flow."""

from flows.crypto_events.landing.generate_fake_history_last_5_days import (
    generate_fake_history_last_5_days,
)
from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.publication.merge_to_prod import merge_to_prod
from flows.crypto_events.publication.notify_success import Notified, notify_success
from flows.crypto_events.publication.vacuum_analyze_prod import vacuum_analyze_prod
from flows.crypto_events.run import WindowRun
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.crypto_events.validation.validate import ge_validate_candidate, ge_validate_raw
from flows.platform.orchestration.managed_flow import managed_flow
from flows.platform.orchestration.tasks import Steps


@managed_flow(PIPELINE)
def crypto_events(step: Steps[WindowRun], *, generate: bool) -> Notified:
    """Rebuild the days up to `as_of` as a candidate, validate it, and only then publish it."""
    if generate:
        step(generate_fake_history_last_5_days)
    step(build_events_candidate)
    step(ge_validate_raw)
    step(ge_validate_candidate)
    step(merge_to_prod)
    step(vacuum_analyze_prod)
    return step(notify_success)
