"""A checkout with playbooks of a test's own, and what `make hosted-…` runs there."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flows.paths import REPOSITORY

PROGRAMS = REPOSITORY / ".venv-ansible" / "bin"
HERE = f"""[platform]
kpi ansible_connection=local ansible_python_interpreter={PROGRAMS}/python
"""
PATIENCE = 120
_INHERITED = ("PATH", "TF_CLI_CONFIG_FILE")


@dataclass(frozen=True)
class Checkout:
    """The program of this repository and its plugin of Ansible, and nothing else of it."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def made(cls, folder: Path) -> "Checkout":
        """Return one whose inventory is this machine."""
        assert PROGRAMS.exists(), "there is no Ansible: run make .venv-ansible/.done"
        shutil.copytree(REPOSITORY / "hosted", folder / "hosted")
        plugins = Path("ansible", "plugins")
        shutil.copytree(REPOSITORY / plugins, folder / plugins)
        (folder / "ansible" / "ansible.cfg").touch()
        (folder / ".venv-ansible").symlink_to(PROGRAMS.parent)
        hosts = folder / "hosts"
        hosts.write_text(HERE)
        return cls(folder, {"KPI_INVENTORY": str(hosts)})

    def playbook(self, tasks: str, name: str = "backup", play: str = "") -> None:
        """Write a playbook with these tasks on the platform's machine."""
        head = f"- hosts: platform\n  gather_facts: false\n{play}  tasks:\n"
        lines = "".join(f"    {line}\n" for line in tasks.strip("\n").splitlines())
        (self.folder / "ansible" / f"{name}.yml").write_text(head + lines)

    def git(self, *arguments: str) -> None:
        """Run git there."""
        somebody = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
        subprocess.run(["git", *somebody, *arguments], cwd=self.folder, check=True)

    def run(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
    ) -> subprocess.CompletedProcess[str]:
        """Run the program there, with nothing of this machine's user but the way to programs."""
        return subprocess.run(
            [sys.executable, "-m", "hosted", *arguments],
            cwd=self.folder,
            env=self.surroundings | (environment or {}),
            stdin=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    @property
    def surroundings(self) -> dict[str, str]:
        """What the program sees of the environment."""
        mine = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        offline = {
            "HOME": str(self.folder),
            # The name of a socket there has an end, which a test's own folder is near.
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.folder.parents[1] / "cp"),
            "CHECKPOINT_DISABLE": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "LC_ALL": "C.UTF-8",
        }
        return mine | offline | self.environment
