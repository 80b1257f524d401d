"""A restore takes forgotten people out again before what came back is shown."""

import os
import subprocess
from hashlib import sha256
from pathlib import Path

from flows.paths import REPOSITORY

FILES = REPOSITORY / "ansible" / "roles" / "backup" / "files"
AT = "2026-11-23T02-30-00Z"
# Each writes down how it was called; the backup has the files of a bucket, and no dump.
RECORD = 'echo "$(basename "$0") $*" >> "$CALLS"\n'
RCLONE = """
case "$*" in
  *SHA256SUMS*) echo "$AT/SHA256SUMS" ;;
  *"copy backup:bucket/postgres/$AT"*) cp "$BACKUP"/* "${@: -1}" ;;
  *"max-depth 1 backup:bucket/files"*) echo kpi-runs/ ;;
esac
"""
DOCKER = """
case "$*" in
  *" up "*"$ILL"*) [ "$(grep --count " up .*$ILL" "$CALLS")" -gt 1 ] ;;
  *"config --services"*) printf '%s\\n' postgres minio app mlflow worker ;;
  *"kpi forget --again"*) exit "$FORGETTING" ;;
esac
"""


def test_the_ledger_is_applied_while_nothing_shows_data(tmp_path: Path) -> None:
    done, calls = _restore(tmp_path, forgetting=0)

    assert done.returncode == 0, done.stdout
    stopped, copied, forgotten, started = (
        _place(calls, " stop app mlflow worker"),
        _place(calls, "rclone copy --exclude /forgotten/ledger.json"),
        _place(calls, "kpi forget --again"),
        _place(calls, "systemctl reload-or-restart kpi-platform"),
    )
    assert stopped < copied < forgotten < started
    between = [call for call in calls[stopped:forgotten] if " up " in call]
    assert [call.rpartition("--wait ")[2] for call in between] == ["mlflow prefect"]


def test_a_platform_with_people_who_were_forgotten_stays_stopped(tmp_path: Path) -> None:
    done, calls = _restore(tmp_path, forgetting=1)

    assert done.returncode == 1
    assert not [call for call in calls if "reload-or-restart" in call]
    assert "The platform stays stopped: what came back may hold people" in done.stdout


def test_a_server_that_was_ill_a_moment_ago_is_asked_again(tmp_path: Path) -> None:
    done, calls = _restore(tmp_path, forgetting=0, ill="postgres minio")

    assert done.returncode == 0, done.stdout
    first, again = (n for n, call in enumerate(calls) if call.endswith("--wait postgres minio"))
    assert calls[first + 1 : again] == ["sleep 5"]


def _place(calls: list[str], part: str) -> int:
    [place] = [number for number, call in enumerate(calls) if part in call]
    return place


def _restore(
    folder: Path, forgetting: int, ill: str = "nobody"
) -> tuple["subprocess.CompletedProcess[str]", list[str]]:
    programs, backup, work = folder / "bin", folder / "backup", folder / "work"
    for made in (programs, backup, work):
        made.mkdir()
    for name, answers in (
        ("docker", DOCKER),
        ("rclone", RCLONE),
        ("systemctl", ""),
        ("sleep", ""),
    ):
        (programs / name).write_text(f"#!/usr/bin/env bash\n{RECORD}{answers}", encoding="utf-8")
        (programs / name).chmod(0o755)
    (backup / "rows.txt").write_text("rows\n", encoding="utf-8")
    digest = sha256(b"rows\n").hexdigest()
    (backup / "SHA256SUMS").write_text(f"{digest}  rows.txt\n", encoding="utf-8")
    settings = folder / "platform.env"
    settings.write_text("S3_ENDPOINT_URL=http://minio:9000\nMINIO_PORT=9000\n", encoding="utf-8")
    # Where the machine has what both programs have in common.
    program = folder / "restore"
    text = (FILES / "restore").read_text(encoding="utf-8")
    program.write_text(text.replace("/usr/local/lib/kpi", str(FILES)), encoding="utf-8")
    done = subprocess.run(
        ["bash", program, "latest"],
        env={
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PLATFORM_ENVIRONMENT_FILE": str(settings),
            "BACKUP_BUCKET": "bucket",
            "BACKUP_DUMPS": "postgres/",
            "BACKUP_MIRROR": "files/",
            "BACKUP_FOLDERS": "",
            "BACKUP_WORK_FOLDER": str(work),
            "CALLS": str(folder / "calls"),
            "BACKUP": str(backup),
            "AT": AT,
            "FORGETTING": str(forgetting),
            "ILL": ill,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done, (folder / "calls").read_text(encoding="utf-8").splitlines()
