"""A step as a Prefect task: what is tried again, and what is not."""

from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest

from flows.errors import DataRejected
from flows.platform.orchestration.tasks import Report, as_task
from flows.platform.pipeline.declaration import Pipeline, Step
from flows.platform.pipeline.run import Run
from flows.settings import Settings

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

PIPELINE = Pipeline("example", (Step("step", "Does something", retries=1),))


@pytest.fixture
def outcome(
    settings: Settings,
) -> Callable[..., tuple[str, Any, int]]:
    """Runs a step in a flow; returns the state's name, its message and the number of tries."""

    def run(*errors: Exception, report: Any = None) -> tuple[str, Any, int]:
        from prefect import flow

        pending = list(errors)
        tries = []
        states: list[Any] = []

        def step(settings: Settings, run: Run) -> str:
            tries.append(run)
            if pending:
                raise pending.pop(0)
            return "done"

        task = as_task(PIPELINE, step, report)

        @flow(name="example")
        def example() -> None:
            states.append(task(settings, Run(as_of=date(2025, 3, 10)), return_state=True))

        example(return_state=True)
        (state,) = states
        return state.name, state.message, len(tries)

    return run


def test_a_lost_connection_is_tried_again(outcome: Callable[..., Any]) -> None:
    name, _, tries = outcome(psycopg.OperationalError("server closed the connection"))
    assert (name, tries) == ("Completed", 2)


def test_what_does_not_pass_fails_after_its_tries(outcome: Callable[..., Any]) -> None:
    lost = psycopg.OperationalError("server closed the connection")
    name, message, tries = outcome(lost, lost)
    assert (name, tries) == ("TransientFailure", 2)
    assert "server closed the connection" in message


@pytest.mark.parametrize(
    "error", [DataRejected("3 rows are bad."), psycopg.errors.DiskFull("full"), ValueError("ours")]
)
def test_what_does_not_pass_by_itself_is_tried_once(
    error: Exception, outcome: Callable[..., Any]
) -> None:
    name, message, tries = outcome(error)
    assert (name, tries) == ("Failed", 1)
    assert str(error) in message


def test_a_report_that_fails_changes_nothing(
    outcome: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    def report(settings: Settings, run: Run) -> list[Report]:
        raise psycopg.OperationalError("gone, and this text is not for the log")

    lost = psycopg.OperationalError("server closed the connection")
    assert outcome(lost, report=report)[::2] == ("Completed", 2)
    assert outcome(DataRejected("3 rows are bad."), report=report)[:2] == (
        "Failed",
        "3 rows are bad.",
    )
    assert "The artifacts of step are missing (OperationalError)." in caplog.messages
    assert "not for the log" not in caplog.text
