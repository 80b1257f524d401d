"""`kpi deploy` where there is no server; tests/local deploys to a real one."""

from collections.abc import Callable

from tests.commands.command_result import CommandResult


def test_without_a_server_there_is_nothing_to_deploy_to(
    kpi_process: Callable[..., CommandResult],
) -> None:
    said = kpi_process("deploy")

    assert said.code == 1
    assert "PREFECT_API_URL is not set" in said.sentence
    assert "kpi up" in said.sentence


def test_a_server_that_does_not_answer_is_named(kpi_process: Callable[..., CommandResult]) -> None:
    address = "http://127.0.0.1:9/api"

    said = kpi_process("deploy", environment={"PREFECT_API_URL": address})

    assert said.code == 1
    assert f"The Prefect server at {address} does not answer" in said.sentence
