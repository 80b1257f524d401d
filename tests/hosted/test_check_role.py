"""What the role `check` writes, rendered by the real Ansible, as systemd reads it."""

import re
import subprocess
from pathlib import Path

import pytest

from flows.paths import REPOSITORY
from tests.hosted.hosted_checkout import Checkout

ROLES = REPOSITORY / "ansible" / "roles"
UNITS = ("kpi-check.service", "kpi-check.timer")
PROGRAM = ROLES / "check" / "files" / "check"
RENDER = """
- name: Write what the roles write
  ansible.builtin.template:
    src: "{{ item.role }}/templates/{{ item.file }}.j2"
    dest: "{{ playbook_dir }}/{{ item.file }}"
    mode: "0644"
  loop:
    - {role: ROLES/check, file: kpi-check.service}
    - {role: ROLES/check, file: kpi-check.timer}
    - {role: ROLES/backup, file: backup.env}
"""
FILES = (
    REPOSITORY / "ansible" / "group_vars" / "platform.yml",
    ROLES / "check" / "defaults" / "main.yml",
    ROLES / "backup" / "defaults" / "main.yml",
)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The folder with what they write with their defaults."""
    checkout = Checkout.made(tmp_path / "checkout")
    read = "  vars_files:\n" + "".join(f"    - {file}\n" for file in FILES)
    checkout.playbook(RENDER.replace("ROLES", str(ROLES)), play=read)
    done = checkout.run("backup")
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout.folder / "ansible"


def test_the_services_are_what_systemd_and_the_program_expect(written: Path) -> None:
    service, timer = (written.joinpath(name).read_text(encoding="utf-8") for name in UNITS)
    given = dict(re.findall(r"^Environment=(\w+)=(.*)$", service, re.MULTILINE))
    reads = r"environ(?:\[|\.get\()['\"](\w+)"
    asked = set(re.findall(reads, PROGRAM.read_text(encoding="utf-8")))
    # systemd itself names the folder that it makes.
    assert set(given) | {"STATE_DIRECTORY"} == asked
    assert "StateDirectory=kpi-check" in service.splitlines()
    assert given["PLATFORM_ENVIRONMENT_FILE"] == "/srv/kpi/platform.env"
    assert "OnCalendar=*:0/15" in timer
    # As systemd reads it: the program is not on this machine.
    here = service.replace("/usr/local/lib/kpi/check", "/usr/bin/true")
    (written / UNITS[0]).write_text(here.replace("/opt/kpi/current/compose", "/"))
    said = subprocess.run(
        ["systemd-analyze", "verify", *(written / name for name in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in said.stderr.splitlines() if "kpi-check" in line]
    assert (said.returncode, ours) == (0, [])
    subprocess.run(["systemd-analyze", "calendar", "*:0/15"], check=True, capture_output=True)


def test_it_looks_at_what_a_backup_touches_last(written: Path) -> None:
    service = (written / UNITS[0]).read_text(encoding="utf-8")
    folder = re.findall(
        r"^BACKUP_WORK_FOLDER=(.*)$", (written / "backup.env").read_text("utf-8"), re.MULTILINE
    )
    assert re.findall(r"^Environment=BACKUP_FILE=(.*)$", service, re.MULTILINE) == [
        f"{folder[0]}/last"
    ]
    script = (ROLES / "backup" / "files" / "backup").read_text(encoding="utf-8")
    whole = script.index('rclone copy "$work/SHA256SUMS"')
    assert script.index('touch "$BACKUP_WORK_FOLDER/last"') > whole
