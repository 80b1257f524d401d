"""Each run ends with one message at most; a dead webhook changes nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flows.errors import DataRejected
from flows.local.machine import LOOPBACK, free_port
from flows.platform.pipeline.notifications import collected_notifications, notify
from flows.settings import load_settings
from tests.webhook import Webhook, webhook

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

UI = "http://prefect.example"


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    """The webhook of this process's settings."""
    with webhook() as received:
        monkeypatch.setenv("KPI_WEBHOOK_URL", received.url)
        yield received


@pytest.fixture
def run() -> Callable[..., Any]:
    """Runs a flow whose steps say these texts and end so; returns its state."""

    def make(*texts: str, error: Exception | None = None, **parameters: Any) -> Any:
        from prefect import flow, task

        from flows.platform.orchestration.hooks import run_options

        @task
        def say(text: str) -> None:
            notify(load_settings(), text)

        @flow(name="example", flow_run_name="example as of {day}", **run_options())
        def example(day: int = 10) -> Any:
            with collected_notifications() as messages:
                for text in texts:
                    say(text)
            if error:
                raise error
            return {"messages": messages}

        return example(**parameters, return_state=True)

    return make


def test_what_steps_say_becomes_one_message(run: Callable[..., Any], hook: Webhook) -> None:
    assert run("Published 3 rows.", "2 rows < 3 & late.").is_completed()
    assert hook.texts == ["Published 3 rows.\n2 rows &lt; 3 &amp; late."]


def test_a_run_with_nothing_to_say_sends_nothing(run: Callable[..., Any], hook: Webhook) -> None:
    assert run().is_completed()
    assert hook.texts == []


def test_a_failure_says_which_run_and_why(run: Callable[..., Any], hook: Webhook) -> None:
    state = run("Half of it.", error=DataRejected("3 rows are bad."))
    assert state.is_failed()
    assert hook.texts == [f"example as of 10 failed: {state.message}"]
    assert "3 rows are bad." in state.message


def test_with_a_server_each_message_leads_to_its_run(
    run: Callable[..., Any], hook: Webhook
) -> None:
    from prefect.settings import PREFECT_UI_URL, temporary_settings

    with temporary_settings({PREFECT_UI_URL: UI}):
        states = [run("Published."), run(error=DataRejected("3 rows are bad."))]
    links = [
        f"<{UI}/flow-runs/flow-run/{state.state_details.flow_run_id}|example as of 10>"
        for state in states
    ]
    assert hook.texts == [
        f"Published.\n{links[0]}",
        f"example failed: {states[1].message}\n{links[1]}",
    ]


def test_wrong_parameters_are_told_too(run: Callable[..., Any], hook: Webhook) -> None:
    assert run(day="soon").is_failed()
    (text,) = hook.texts
    assert text.startswith("example (")
    assert "failed: Validation of flow parameters failed" in text


def test_a_dead_webhook_fails_no_run(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_WEBHOOK_URL", f"http://{LOOPBACK}:{free_port()}")
    assert run("Published.").is_completed()
    assert run(error=DataRejected("3 rows are bad.")).is_failed()


def test_settings_that_became_wrong_fail_no_run(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings()
    monkeypatch.setenv("KPI_STORAGE", "drawer")
    assert run().is_completed()
    assert run(error=DataRejected("3 rows are bad.")).is_failed()


def test_a_run_that_fails_for_a_wrong_setting_is_told(
    run: Callable[..., Any], hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_STORAGE", "drawer")
    assert run("What it says needs settings.").is_failed()
    (text,) = hook.texts
    assert text.startswith("example as of 10 failed: ")
    assert "KPI_STORAGE" in text


def test_a_cancelled_run_is_told(hook: Webhook) -> None:
    from prefect import flow
    from prefect.client.schemas.objects import FlowRun

    from flows.platform.orchestration.hooks import run_options

    @flow(name="example", **run_options())
    def example() -> None:
        pass

    (tell,) = run_options()["on_cancellation"]
    tell(example, FlowRun.construct(name="example as of 10"), None)
    assert hook.texts == ["example as of 10 is being cancelled."]
