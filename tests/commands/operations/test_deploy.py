"""`kpi deploy` and `kpi worker` where there is no server; tests/local deploys to a real one."""

from collections.abc import Callable

import pytest

from tests.commands.command_result import CommandResult


@pytest.mark.parametrize("command", ["deploy", "worker"])
def test_without_a_server_nothing_is_deployed_and_nobody_works(
    kpi_process: Callable[..., CommandResult], command: str
) -> None:
    said = kpi_process(command)

    assert said.code == 1
    assert "PREFECT_API_URL is not set" in said.sentence
    assert "kpi up" in said.sentence


def test_a_server_that_does_not_answer_is_named(kpi_process: Callable[..., CommandResult]) -> None:
    address = "http://127.0.0.1:9/api"

    said = kpi_process("deploy", environment={"PREFECT_API_URL": address})

    assert said.code == 1
    assert f"The Prefect server at {address} does not answer" in said.sentence
