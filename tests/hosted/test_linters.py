"""`make lint-hosted` refuses what it is there to refuse: each fault is planted in a copy."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from flows.paths import REPOSITORY

READ = ("Makefile", ".gitignore", ".ansible-lint", ".checkov.yaml", ".yamllint", "prefect.yaml")
FOLDERS = ("ansible", "compose", "terraform")
INSTALLED = (".venv-ansible", ".venv-scan")
OF_ITS_USER = (".terraform", "*.tfstate*", "*.tfvars", ".env*", "__pycache__")
PATIENCE = 300
ROLE = """
- name: Greet
  ansible.builtin.shell: echo hello
"""
VOLUME = """
resource "aws_ebs_volume" "planted" {
  availability_zone = aws_subnet.public.availability_zone
  size              = 1
}
"""
DOWNLOAD = """
- name: Fetch it from anybody
  ansible.builtin.get_url:
    url: https://example.com/it
    dest: /opt/it
    mode: "0644"
    validate_certs: false
"""
# The file, what is appended to it, and what is said about it.
FAULTS = {
    "a line too long": (
        "compose/planted.yaml",
        f"# A {'long, ' * 20}line\n",
        r"compose/planted\.yaml\n.*line too long \(\d+ > 100 characters\)",
    ),
    "a command that always changes something": (
        "ansible/roles/planted/tasks/main.yml",
        ROLE,
        r"no-changed-when[\s\S]*ansible/roles/planted/tasks/main\.yml",
    ),
    "a volume that is not encrypted": (
        "terraform/storage.tf",
        VOLUME,
        r"CKV_AWS_3:[\s\S]*FAILED for resource: aws_ebs_volume\.planted",
    ),
    "a download from whoever answers": (
        "ansible/roles/planted/tasks/main.yml",
        DOWNLOAD,
        r"CKV2?_ANSIBLE_\d+:[\s\S]*FAILED for resource: [^\n]*get_url",
    ),
    "an image that runs as root": (
        "compose/images/Dockerfile",
        "USER root\n",
        r"CKV_DOCKER_8:[\s\S]*FAILED for resource: /Dockerfile",
    ),
}
WITH_A_REASON = r"checkov:skip=CKV2?_\w+_\d+:[A-Z][^:]{10,}"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused(fault: str, tmp_path: Path) -> None:
    name, text, complaint = FAULTS[fault]
    copy = _copy(tmp_path / "checkout")
    planted = copy / name
    planted.parent.mkdir(parents=True, exist_ok=True)
    with planted.open("a") as file:
        file.write(text.lstrip("\n"))

    done = _lint(copy)

    assert done.returncode != 0
    assert re.search(complaint, done.stdout), done.stdout


def test_what_is_skipped_has_its_reason_beside_it() -> None:
    files = [path for folder in FOLDERS for path in (REPOSITORY / folder).rglob("*")]
    lines = [
        line
        for path in files
        if path.suffix in (".tf", ".yml", ".yaml") or path.name == "Dockerfile"
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    skips = [line for line in lines if "checkov:skip=" in line]

    assert skips
    assert [line for line in skips if not re.search(WITH_A_REASON, line)] == []


def _copy(folder: Path) -> Path:
    for name in FOLDERS:
        ignored = shutil.ignore_patterns(*OF_ITS_USER)
        shutil.copytree(REPOSITORY / name, folder / name, ignore=ignored)
    (folder / "ansible" / "settings.yml").unlink(missing_ok=True)
    for name in READ:
        shutil.copy(REPOSITORY / name, folder / name)
    for name in INSTALLED:
        assert (REPOSITORY / name / ".done").exists(), f"run make {name}/.done"
        (folder / name).symlink_to(REPOSITORY / name)
    (folder / "tests").mkdir()
    return folder


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    installed = [part for name in INSTALLED for part in ("-o", f"{name}/.done")]
    return subprocess.run(
        ["make", *installed, "lint-hosted"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
