"""The machine's timer runs `kpi check`, and speaks itself only where that could not look."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows.local.machine import free_port
from flows.paths import REPOSITORY
from tests.webhook import Webhook, webhook

PROGRAM = REPOSITORY / "ansible" / "roles" / "check" / "files" / "check"


AWAY = ("Cannot connect to the Docker daemon", 1)
WELL = ("ok    crypto_events: all is well", 0)

Tick = Callable[[tuple[str, int]], None]


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as received:
        yield received


@pytest.fixture
def tick(tmp_path: Path, hook: Webhook) -> Tick:
    """Runs the program once, where the command says and ends so."""
    docker, settings = tmp_path / "docker", tmp_path / "platform.env"
    settings.write_text(f"A=b\nKPI_WEBHOOK_URL='{hook.url}'\n", encoding="utf-8")

    def run(how: tuple[str, int]) -> None:
        said, status = how
        docker.write_text(f"#!/bin/sh\necho '{said}'\nexit {status}\n", encoding="utf-8")
        docker.chmod(0o755)
        done = subprocess.run(
            [sys.executable, PROGRAM],
            env={
                "PATH": f"{tmp_path}:{os.environ['PATH']}",
                "PLATFORM_ENVIRONMENT_FILE": str(settings),
                "BACKUP_FILE": str(tmp_path / "last"),
                "BACKUP_HOURS": "26",
                "STATE_DIRECTORY": str(tmp_path),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (status, "")

    return run


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (WELL, False),
        (("FAIL  the last backup is stale", 1), False),
        (AWAY, True),
        (("", 125), True),
    ],
)
def test_only_a_platform_that_cannot_be_asked_is_told_by_the_machine(
    how: tuple[str, int], told: bool, tick: Tick, hook: Webhook
) -> None:
    tick(how)
    assert len(hook.texts) == told
    assert all("cannot be asked how it is" in text for text in hook.texts)


def test_it_is_told_once_and_so_is_its_end(tick: Tick, hook: Webhook) -> None:
    for how in (AWAY, AWAY, AWAY, WELL, WELL, AWAY):
        tick(how)
    assert ["can be asked again" in text for text in hook.texts] == [False, True, False]


def test_what_lasts_for_a_day_is_told_again(tick: Tick, hook: Webhook, tmp_path: Path) -> None:
    tick(AWAY)
    told = tmp_path / "told"
    told.write_text(str(float(told.read_text("utf-8")) - 24 * 3600), encoding="utf-8")
    tick(AWAY)
    assert len(hook.texts) == 2


def test_what_cannot_be_remembered_or_read_is_told(
    tick: Tick, hook: Webhook, tmp_path: Path
) -> None:
    (tmp_path / "told").mkdir()
    tick(AWAY)
    tick(AWAY)
    assert len(hook.texts) == 2
    # As where the data volume is not mounted.
    (tmp_path / "platform.env").unlink()
    tick(AWAY)


def test_a_message_that_nobody_took_is_sent_again(
    tick: Tick, hook: Webhook, tmp_path: Path
) -> None:
    settings = tmp_path / "platform.env"
    there = settings.read_text("utf-8")
    settings.write_text(f"KPI_WEBHOOK_URL=http://127.0.0.1:{free_port()}/\n", encoding="utf-8")
    tick(AWAY)
    settings.write_text(there, encoding="utf-8")
    tick(AWAY)
    assert len(hook.texts) == 1
