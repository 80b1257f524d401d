"""Where the services of the local platform listen."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from flows.local.machine import LOOPBACK
from flows.local.services import definitions
from flows.local.services.definitions import SERVICES, choose_ports, ports, service
from flows.settings import Settings

NAMES = [service.name for service in SERVICES]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "kpi")


def test_a_taken_port_gives_way_to_a_free_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ports(settings) == {}
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        usual = taken.getsockname()[1]
        prefect = replace(service("prefect"), usual_port=usual)
        monkeypatch.setattr(definitions, "SERVICES", (prefect, service("mlflow")))

        choose_ports(settings, ["prefect", "mlflow"])

    chosen = ports(settings)
    assert sorted(chosen) == ["mlflow", "prefect"]
    assert chosen["prefect"] not in (usual, chosen["mlflow"])


def test_what_runs_keeps_its_port(settings: Settings) -> None:
    choose_ports(settings, NAMES)
    before = ports(settings)

    choose_ports(settings, [])

    assert ports(settings) == before
