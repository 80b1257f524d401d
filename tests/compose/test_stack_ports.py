"""Ports of the platform in containers: free, or its own."""

import socket
from collections.abc import Iterator

import pytest

from compose.stack.ports import ports_are_free
from compose.stack.profiles import PORTS
from compose.stack.speech import Refusal
from tests.compose.stack_tool import FILE
from tests.compose.stand_in_docker import StandInDocker


@pytest.fixture
def taken() -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield str(listener.getsockname()[1])


def test_a_taken_port(docker: StandInDocker, values: dict[str, str], taken: str) -> None:
    values["SPARK_UI_PORT"] = taken
    # The others are the platform's own, whatever else listens on this machine.
    docker.publishes("kpi", "kpi-all-1", *(values[name] for name in PORTS["core"]), "8080")

    ports_are_free(values, ("airflow",), FILE)
    with pytest.raises(Refusal) as refused:
        ports_are_free(values, ("spark",), FILE)

    assert str(refused.value) == (
        f"Port {taken} of this machine is taken: end what uses it, "
        "or set SPARK_UI_PORT in compose/.env to another."
    )


def test_a_port_of_another_container_and_of_the_platform_itself(
    docker: StandInDocker, values: dict[str, str]
) -> None:
    values |= {name: str(20000 + at) for at, name in enumerate(PORTS["core"])}
    docker.publishes("kpi", "kpi-all-1", "20000-20005")
    ports_are_free(values, (), FILE)

    docker.publishes("other", "other-web-1", "19999-20001")
    with pytest.raises(Refusal, match="Port 20000 of this machine is taken by the container other"):
        ports_are_free(values, (), FILE)


def test_containers_that_publish_nothing(docker: StandInDocker, values: dict[str, str]) -> None:
    values |= {name: str(20000 + at) for at, name in enumerate(PORTS["core"])}
    ours = "kpi\tkpi-all-1\t0.0.0.0:20000-20005->1-6/tcp, :::20000-20005->1-6/tcp, 9/tcp"
    docker.says("ps --format", f"\thappy_noyce\t\n{ours}\n\tsad_noyce\t\n")

    ports_are_free(values, (), FILE)


@pytest.mark.parametrize("port", ["", "0", "65536", "http", "-1", "8080/tcp", "٨٠٨٠"])
def test_what_is_no_port(port: str, docker: StandInDocker, values: dict[str, str]) -> None:
    values["PREFECT_PORT"] = port

    with pytest.raises(Refusal, match=r"PREFECT_PORT in compose/\.env is .* a number from 1 to"):
        ports_are_free(values, (), FILE)


def test_one_port_for_two(docker: StandInDocker, values: dict[str, str]) -> None:
    values["AIRFLOW_PORT"] = values["PREFECT_PORT"]

    with pytest.raises(Refusal, match=r"PREFECT_PORT and AIRFLOW_PORT in .* are both 4200: change"):
        ports_are_free(values, ("full",), FILE)
