"""What the role `check` writes, rendered by the real Ansible, as systemd reads it."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

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
    - {role: ROLES/platform, file: watched.yaml}
"""
FILES = (
    REPOSITORY / "ansible" / "group_vars" / "platform.yml",
    ROLES / "check" / "defaults" / "main.yml",
    ROLES / "backup" / "defaults" / "main.yml",
    ROLES / "platform" / "defaults" / "main.yml",
)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes what the roles write, with these settings; returns the folder."""
    checkout = Checkout.made(tmp_path / "checkout")
    read = "  vars_files:\n" + "".join(f"    - {file}\n" for file in FILES)
    checkout.playbook(RENDER.replace("ROLES", str(ROLES)), play=read)

    def written(**settings: str) -> Path:
        given = [text for name, value in settings.items() for text in ("-e", f"{name}={value}")]
        done = checkout.run("backup", *given)
        assert done.returncode == 0, done.stdout + done.stderr
        return checkout.folder / "ansible"

    return written


@pytest.fixture
def written(write: Callable[..., Path]) -> Path:
    """The folder with what they write with their defaults."""
    return write()


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


@pytest.mark.parametrize(
    ("settings", "certificate"),
    [
        ({}, ""),
        ({"proxy_domain": "kpi.example.com"}, "kpi.example.com:443"),
        # The container does not know the machine's own authority.
        ({"proxy_domain": "kpi.example.com", "proxy_tls": "internal"}, ""),
        ({"check_certificate": "other.example.com:8443"}, "other.example.com:8443"),
    ],
)
def test_the_metrics_watch_the_same_backup_and_certificate(
    settings: dict[str, str], certificate: str, write: Callable[..., Path]
) -> None:
    folder = write(**settings, check_backup_hours="50")
    service = (folder / UNITS[0]).read_text(encoding="utf-8")
    told = dict(re.findall(r"^Environment=(\w+)=(.*)$", service, re.MULTILINE))
    laid_over = yaml.safe_load((folder / "watched.yaml").read_text(encoding="utf-8"))

    assert set(laid_over) == {"services"}
    [(name, watches)] = laid_over["services"].items()
    assert name == "metrics"
    [backup] = watches["volumes"]
    assert (backup["type"], backup["read_only"]) == ("bind", True)
    assert backup["source"] == told["BACKUP_FILE"]
    assert watches["environment"] == {
        "KPI_CHECK__BACKUP_FILE": backup["target"],
        "KPI_CHECK__BACKUP_HOURS": "50",
        "KPI_CHECK__CERTIFICATE": certificate,
    }
    assert (told["CERTIFICATE"], told["BACKUP_HOURS"]) == (certificate, "50")
    # Its network leads nowhere but to the machine.
    host = certificate.partition(":")[0]
    assert watches.get("extra_hosts", []) == ([f"{host}:host-gateway"] if host else [])


def test_compose_is_given_what_lies_over() -> None:
    own = yaml.safe_load(FILES[-1].read_text(encoding="utf-8"))
    files = own["platform_own_settings"]["COMPOSE_FILE"].split(":", 2)
    assert files == ["compose.yaml", "data_folder.yaml", "{{ platform_watched_file }}"]
