"""What `make up` refuses of a machine before it starts anything: one sentence each."""

import json
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from compose.stack import engine
from compose.stack.preflight import GB, compose_is_there, engine_answers, machine_is_big_enough
from compose.stack.speech import Refusal
from tests.compose.stand_in_docker import StandInDocker


def test_no_docker(docker: StandInDocker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Refusal, match="Docker is not installed: install Docker Engine"):
        engine_answers()


@pytest.mark.parametrize(
    ("complaint", "sentence"),
    [
        ("Cannot connect to the Docker daemon at unix:///x.", "does not answer: start it"),
        ("Got permission denied while trying to connect", "add it to the group docker"),
    ],
)
def test_an_engine_that_does_not_answer(
    complaint: str, sentence: str, docker: StandInDocker
) -> None:
    docker.says("version", err=complaint, code=1)

    with pytest.raises(Refusal, match=sentence):
        engine_answers()


def test_an_engine_that_hangs(
    docker: StandInDocker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "QUIET_SECONDS", 0.2)
    monkeypatch.setattr(engine, "PATIENCE_SECONDS", 0.2)
    docker.says("version", delay=30)

    with pytest.raises(Refusal, match="does not answer: start it"):
        engine_answers()

    assert capsys.readouterr().out == (
        "Docker has not answered yet; waiting up to 0.2 seconds ...\n"
    )


@pytest.mark.parametrize("version", ["20.10.24+dfsg1", "28.2.2", "library-import"])
def test_an_engine_that_is_new_enough(version: str, docker: StandInDocker) -> None:
    docker.says("version --format", version)

    engine_answers()


@pytest.mark.parametrize("version", ["20.9.1", "19.03.15", "1.13.1"])
def test_an_engine_that_is_too_old(version: str, docker: StandInDocker) -> None:
    docker.says("version --format", version)

    with pytest.raises(Refusal, match=f"engine is version {version}: the platform needs 20.10 or"):
        engine_answers()


@pytest.mark.parametrize("version", ["2.20.0", "2.26.1-4", "v2.29.7", "5.6.1", "v2.100.0"])
def test_a_compose_that_is_new_enough(version: str, docker: StandInDocker) -> None:
    docker.says("compose version", version)

    compose_is_there()


@pytest.mark.parametrize("version", ["2.19.1", "v2.3.3", "1.29.2"])
def test_a_compose_that_is_too_old(version: str, docker: StandInDocker) -> None:
    docker.says("compose version", version)

    with pytest.raises(Refusal, match=f"Compose is version {version}: the platform needs 2.20 or"):
        compose_is_there()


def test_no_compose(docker: StandInDocker) -> None:
    docker.says("compose version", err="unknown flag: --short", code=125)

    with pytest.raises(Refusal, match="`docker compose` is not there: install the plugin"):
        compose_is_there()


@pytest.mark.parametrize(
    ("profiles", "enough", "too_little", "sentence"),
    [
        ((), 6, 5.9, r"has 5\.9 GiB of memory, and core needs 6"),
        (("spark",), 8, 7.9, r"core \+ spark need 8"),
        (("tools", "airflow"), 12.5, 12.4, r"core \+ airflow \+ tools need 12\.5"),
        (("full",), 14.5, 14.4, r"core \+ spark \+ airflow \+ tools need 14\.5"),
    ],
)
def test_memory(
    profiles: tuple[str, ...],
    enough: float,
    too_little: float,
    sentence: str,
    docker: StandInDocker,
) -> None:
    docker.is_a_machine(enough)
    machine_is_big_enough(profiles, [])
    docker.is_a_machine(too_little)

    with pytest.raises(Refusal, match=sentence):
        machine_is_big_enough(profiles, [])


class Usage(NamedTuple):
    """What shutil.disk_usage returns, as far as anybody looks."""

    free: float


def test_disk(docker: StandInDocker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    docker.is_a_machine(DockerRootDir=str(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(3.5 * GB))

    machine_is_big_enough((), [])
    machine_is_big_enough((), ["there:local"])
    docker.says("image inspect", err="No such image", code=1)
    with pytest.raises(Refusal, match=r"has 3\.5 GB free, and the platform needs 12: make room"):
        machine_is_big_enough((), ["absent:local"])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2.9 * GB))
    with pytest.raises(Refusal, match=r"needs 3: make room"):
        machine_is_big_enough((), [])
    docker.is_a_machine(DockerRootDir=str(tmp_path), OperatingSystem="Docker Desktop")
    machine_is_big_enough((), [])


def test_an_engine_that_tells_little_is_taken_as_it_is(docker: StandInDocker) -> None:
    docker.says("info --format", json.dumps({"ServerVersion": "4.9"}))

    machine_is_big_enough(("full",), [])
