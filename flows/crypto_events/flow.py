"""The run book of crypto events, as a Prefect flow."""

from datetime import date
from typing import Annotated, Any, Literal

from prefect import flow
from prefect.runtime import flow_run
from pydantic import Field

from flows.crypto_events import tasks
from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.run import WindowRun, plan_run
from flows.platform.orchestration.hooks import run_options
from flows.platform.orchestration.managed_run import conduct
from flows.settings import Settings


def _flow_run_name() -> str:
    return f"crypto-events as of {flow_run.get_parameters().get('as_of') or 'today'}"


@flow(name=PIPELINE.title, flow_run_name=_flow_run_name, **run_options())
def crypto_events(
    as_of: date | None = None,
    window_days: Annotated[int, Field(ge=1, le=3660)] | None = None,
    policy: Literal["abort", "quarantine"] | None = None,
    max_reject_share: Annotated[float, Field(ge=0, le=1)] | None = None,
    allow_mass_deactivation: bool = False,
    generate: bool = True,
) -> Any:
    """Rebuild the days up to `as_of` as a candidate, validate it, and only then publish it.

    Args:
        as_of: Last day of the window; empty means today.
        window_days: How many days to rebuild; empty means the setting (five).
        policy: `abort` stops at bad rows, `quarantine` publishes the rest; empty: the setting.
        max_reject_share: Under quarantine, the share of bad rows that is tolerated.
        allow_mass_deactivation: Publish even when a large share of the live rows vanished.
        generate: Top the window up with fake rows first.

    """
    return conduct(
        PIPELINE,
        lambda settings: plan_run(
            settings,
            as_of,
            window_days=window_days,
            policy=policy,
            max_reject_share=max_reject_share,
            allow_mass_deactivation=allow_mass_deactivation,
            run_id=flow_run.get_id(),
        ),
        lambda settings, run: publish_window(settings, run, generate=generate),
    )


def publish_window(settings: Settings, run: WindowRun, *, generate: bool) -> object:
    """Run the steps one after the other; the first that fails ends the run, the last sums it up."""
    if generate:
        tasks.generate_fake_history_last_5_days(settings, run)
    tasks.build_events_candidate(settings, run)
    tasks.ge_validate_raw(settings, run)
    tasks.ge_validate_candidate(settings, run)
    tasks.merge_to_prod(settings, run)
    tasks.vacuum_analyze_prod(settings, run)
    return tasks.notify_success(settings, run)
