"""A step as a Prefect task: what is tried again, and what is not."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from flows.errors import DataRejected, Unavailable
from flows.platform.orchestration.tasks import Steps, as_task
from flows.platform.pipeline.declaration import Pipeline, Step
from flows.platform.pipeline.report import Report
from flows.platform.pipeline.run import Run
from flows.platform.pipeline.unexpected import IN_FULL
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings
from tests.environment.silent_mlflow import silent_mlflow

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

PIPELINE = Pipeline(
    "example",
    plan=f"{__name__}:plan",
    steps=(
        Step(f"{__name__}:first", "Does something", retries=1, report=f"{__name__}:report"),
        Step(f"{__name__}:wanted", "Waits for a parameter", only_with="wanted"),
        Step(f"{__name__}:yes", "One side", only_if=True),
        Step(f"{__name__}:no", "The other side", only_if=False),
        Step(f"{__name__}:last", "Ends it"),
    ),
)
RUN = Run(as_of=date(2025, 3, 10))

pending: list[Exception] = []
tries: list[Run] = []
reports: list[Exception | Report] = []


def first(settings: Settings, run: Run) -> str:
    """Raise what is pending, one a try."""
    tries.append(run)
    if pending:
        raise pending.pop(0)
    return "done"


def report(settings: Settings, run: Run) -> list[Report]:
    """Raise or show what is to be reported."""
    for found in reports:
        if isinstance(found, Exception):
            raise found
    return [found for found in reports if isinstance(found, Report)]


def wanted(settings: Settings, run: Run) -> None:
    """Do nothing."""


def yes(settings: Settings, run: Run) -> None:
    """Do nothing."""


def no(settings: Settings, run: Run) -> None:
    """Do nothing."""


def last(settings: Settings, run: Run) -> str:
    """Return the end."""
    return "the end"


@pytest.fixture(autouse=True)
def _nothing_pending() -> None:
    for each in (pending, tries, reports):
        each.clear()


@pytest.fixture
def outcome(settings: Settings) -> Callable[..., tuple[str, Any, int]]:
    """Runs a step in a flow; returns the state's name, its message and the number of tries."""

    def run(*errors: Exception) -> tuple[str, Any, int]:
        from prefect import flow

        pending[:] = errors
        tries.clear()
        states: list[Any] = []
        task = as_task(PIPELINE.step("first"), first)

        @flow(name="example")
        def example() -> None:
            states.append(task(settings, RUN, return_state=True))

        example(return_state=True)
        (state,) = states
        return state.name, state.message, len(tries)

    return run


@pytest.fixture
def take(settings: Settings) -> Callable[..., Any]:
    """Takes steps in a flow, then checks that none is missing; returns what each returned."""

    def run(*functions: Callable[[Settings, Run], Any], **given: Any) -> list[Any]:
        from prefect import flow

        @flow(name="example")
        def example() -> list[Any]:
            steps = Steps(PIPELINE, settings, RUN)
            results = [steps(function) for function in functions]
            steps.check_complete(given)
            return results

        found: list[Any] = example()
        return found

    return run


def test_a_step_returns_its_own_result(take: Callable[..., Any]) -> None:
    assert take(first, yes, last) == ["done", None, "the end"]
    assert take(first, wanted, no, last, wanted=True) == ["done", None, None, "the end"]


@pytest.mark.parametrize(
    ("functions", "given", "missed"),
    [
        ((first, yes), {}, "last"),
        ((first, last), {}, "yes, no"),
        ((first, yes, last), {"wanted": True}, "wanted"),
    ],
)
def test_a_flow_cannot_forget_a_declared_step(
    functions: tuple[Any, ...], given: dict[str, Any], missed: str, take: Callable[..., Any]
) -> None:
    with pytest.raises(LookupError, match=f"The flow example never took {missed}, which"):
        take(*functions, **given)


def test_a_flow_takes_no_step_that_is_not_declared(take: Callable[..., Any]) -> None:
    with pytest.raises(LookupError, match=r"example declares no step .*:report"):
        take(first, report)


def test_a_flow_takes_steps_in_their_order(take: Callable[..., Any]) -> None:
    with pytest.raises(LookupError, match="example declares first before last"):
        take(last, first)


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("server closed the connection"),
        Unavailable("MLflow does not answer."),
    ],
)
def test_what_is_away_is_tried_again(error: Exception, outcome: Callable[..., Any]) -> None:
    name, _, tries = outcome(error)
    assert (name, tries) == ("Completed", 2)


def test_an_mlflow_that_fell_silent_is_tried_again(
    outcome: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    with silent_mlflow() as address:
        client = mlflow_client(Settings(home=tmp_path, mlflow_tracking_uri=address))
        with pytest.raises(Exception, match="API request") as silence:
            client.get_registered_model("churn-model")
    name, message, tries = outcome(silence.value, silence.value)
    assert (name, tries) == ("TransientFailure", 2)
    assert "MLflow does not answer any more." in message


def test_what_does_not_pass_fails_after_its_tries(outcome: Callable[..., Any]) -> None:
    lost = psycopg.OperationalError("server closed the connection")
    name, message, tries = outcome(lost, lost)
    assert (name, tries) == ("TransientFailure", 2)
    assert "server closed the connection" in message


@pytest.mark.parametrize(
    "error", [DataRejected("3 rows are bad."), psycopg.errors.DiskFull("full")]
)
def test_what_does_not_pass_by_itself_is_tried_once(
    error: Exception, outcome: Callable[..., Any]
) -> None:
    name, message, tries = outcome(error)
    assert (name, tries) == ("Failed", 1)
    assert str(error) in message


def test_a_bug_is_told_by_its_kind_and_place(
    outcome: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    name, message, tries = outcome(ValueError("could not convert string to float: '4711'"))
    assert (name, tries) == ("Failed", 1)
    assert "ValueError in flows/platform/orchestration/tasks.py, line " in message
    # pytest hears the log in full as well, which goes to the run's file alone.
    elsewhere = [record for record in caplog.records if record.name != IN_FULL.name]
    texts = [record.getMessage() + str(record.exc_text) for record in elsewhere]
    assert any("UnexpectedError" in text for text in texts)
    assert "4711" not in message + "".join(texts)


def test_a_report_that_fails_changes_nothing(
    outcome: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    reports.append(psycopg.OperationalError("gone, and this text is not for the log"))
    lost = psycopg.OperationalError("server closed the connection")
    assert outcome(lost)[::2] == ("Completed", 2)
    assert outcome(DataRejected("3 rows are bad."))[:2] == (
        "Failed",
        "3 rows are bad.",
    )
    assert "The artifacts of first are missing (OperationalError)." in caplog.messages
    assert "not for the log" not in caplog.text
