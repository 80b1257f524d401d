"""What every flow does when it ends: post one message saying which run ended, how and why."""

from typing import TYPE_CHECKING, Any

from flows.errors import BadInput
from flows.platform.orchestration.crashes import server_posts_crashes
from flows.platform.pipeline.notifications import post
from flows.settings import Settings, load_settings
from flows.settings.webhook import WebhookSettings, webhook_settings

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.schemas.objects import FlowRun
    from prefect.states import State


def run_options() -> dict[str, Any]:
    """Return the options of every flow: its hooks, and results persisted as JSON."""
    return {
        "on_completion": [post_success],
        "on_failure": [post_failure],
        "on_crashed": [post_crash],
        "on_cancellation": [post_cancellation],
        "persist_result": True,
        "result_serializer": "json",
    }


def post_success(flow: "Flow[Any, Any]", flow_run: "FlowRun", state: "State[Any]") -> None:
    """Post the steps' messages, if there are any."""
    messages = state.result()["messages"]
    if messages:
        post(_settings(), "\n".join(messages), _link(flow_run))


def post_failure(flow: "Flow[Any, Any]", flow_run: "FlowRun", state: "State[Any]") -> None:
    """Post why the run failed."""
    _tell(flow, flow_run, f"failed: {state.message}")


def post_crash(flow: "Flow[Any, Any]", flow_run: "FlowRun", state: "State[Any]") -> None:
    """Post why the run crashed, unless the Prefect server does so itself."""
    if not server_posts_crashes():
        _tell(flow, flow_run, f"crashed: {state.message}")


def post_cancellation(flow: "Flow[Any, Any]", flow_run: "FlowRun", state: "State[Any]") -> None:
    """Post that the run is being cancelled."""
    _tell(flow, flow_run, "is being cancelled.")


def _tell(flow: "Flow[Any, Any]", flow_run: "FlowRun", what: str) -> None:
    link = _link(flow_run)
    name = flow.name if link else _full_name(flow, flow_run)
    post(_settings(), f"{name} {what}", link)


def _settings() -> Settings | WebhookSettings:
    """Return where to post: a wrong setting may be why the run failed, and that is to be told."""
    try:
        return load_settings()
    except BadInput:
        return webhook_settings()


def _link(flow_run: "FlowRun") -> tuple[str, str] | None:
    from prefect.settings import PREFECT_UI_URL

    pages = PREFECT_UI_URL.value()
    return (f"{pages}/flow-runs/flow-run/{flow_run.id}", flow_run.name) if pages else None


def _full_name(flow: "Flow[Any, Any]", flow_run: "FlowRun") -> str:
    # Most runs are named after their flow; a run that crashes early has a random name.
    name = flow_run.name
    return name if name.startswith(flow.name) else f"{flow.name} ({name})"
