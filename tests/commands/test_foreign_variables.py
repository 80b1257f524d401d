"""What Prefect reads from the environment, and refuses, ends in a sentence."""

from collections.abc import Callable

import pytest

from tests.commands.command_result import CommandResult
from tests.environment.foreign_variables import NOBODY


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize(
    ("name", "value", "code", "sentence"),
    [
        (
            "PREFECT_API_URL",
            f"{NOBODY}/api",
            1,
            f"The Prefect server at {NOBODY}/api does not answer as it should (ConnectError). "
            "Correct PREFECT_API_URL, or start it.",
        ),
        (
            "PREFECT_LOGGING_LEVEL",
            "loud",
            2,
            "Prefect refuses its settings. PREFECT_LOGGING_LEVEL: Unknown level: 'LOUD'.",
        ),
    ],
)
def test_a_run_says_what_is_wrong(
    kpi_process: Callable[..., CommandResult], name: str, value: str, code: int, sentence: str
) -> None:
    said = kpi_process("run", "--as-of", "2025-03-10", environment={name: value})

    assert (said.code, said.sentence) == (code, f"kpi: {sentence}")
