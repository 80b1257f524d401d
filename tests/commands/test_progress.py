"""While a flow runs, people see which step it has come to."""

import io
import time

from rich.console import Console

from flows.commands.progress import progress
from flows.platform.orchestration.tasks import STEPS


def test_in_a_log_a_line_says_the_step_every_few_seconds() -> None:
    written = io.StringIO()
    console = Console(file=written, width=120)
    handlers = list(STEPS.handlers)

    with progress(console, "churn-training", silent_seconds=0.01):
        STEPS.debug("train_spark_model")
        while written.getvalue().count("\n") < 2:
            time.sleep(0.01)

    last = written.getvalue().splitlines()[-1]
    assert last == "Running the Prefect flow churn-training: train_spark_model ..."
    assert STEPS.handlers == handlers


def test_a_flow_that_is_quick_says_nothing() -> None:
    written = io.StringIO()

    with progress(Console(file=written), "crypto-events", silent_seconds=60):
        STEPS.debug("build_events_candidate")

    assert written.getvalue() == ""


def test_a_terminal_shows_the_step_at_once() -> None:
    written = io.StringIO()
    console = Console(file=written, width=120, force_terminal=True)

    with progress(console, "churn-training", silent_seconds=60):
        STEPS.debug("clean_raw_sources")
        while "clean_raw_sources" not in written.getvalue():
            time.sleep(0.01)
