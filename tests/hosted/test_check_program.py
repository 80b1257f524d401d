"""The machine's timer runs `kpi check`, and speaks itself only where that could not look."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.paths import REPOSITORY
from tests.webhook import webhook

PROGRAM = REPOSITORY / "ansible" / "roles" / "check" / "files" / "check"


@pytest.mark.parametrize(
    ("said", "status", "told"),
    [
        ("ok    crypto_events: all is well", 0, False),
        ("FAIL  the last backup is stale", 1, False),
        ("Cannot connect to the Docker daemon", 1, True),
        ("", 125, True),
    ],
)
def test_only_a_platform_that_cannot_be_asked_is_told_by_the_machine(
    said: str, status: int, told: bool, tmp_path: Path
) -> None:
    docker = tmp_path / "docker"
    docker.write_text(f"#!/bin/sh\necho '{said}'\nexit {status}\n", encoding="utf-8")
    docker.chmod(0o755)
    with webhook() as hook:
        settings = tmp_path / "platform.env"
        settings.write_text(f"A=b\nKPI_WEBHOOK_URL='{hook.url}'\n", encoding="utf-8")
        done = subprocess.run(
            [sys.executable, PROGRAM],
            env={
                "PATH": f"{tmp_path}:{os.environ['PATH']}",
                "PLATFORM_ENVIRONMENT_FILE": str(settings),
                "BACKUP_FILE": str(tmp_path / "last"),
                "BACKUP_HOURS": "26",
            },
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == status
    assert len(hook.texts) == told
    assert all("cannot be asked how it is" in text for text in hook.texts)
