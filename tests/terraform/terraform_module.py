"""Copies of the module in terraform/, and what Terraform does and says there."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.paths import REPOSITORY
from tests.terraform.local_aws import REGION

SOURCE = REPOSITORY / "terraform"
GIVEN = {"region": REGION, "allowed_cidrs": '["203.0.113.0/24"]', "alert_email": "kpi@example.com"}
# What a plan with -detailed-exitcode ends with when it would change something.
_CHANGES = 2
SETTINGS = """
region = "eu-central-1"
allowed_cidrs = ["203.0.113.0/24"]
alert_email = "kpi@example.com"
"""
_PATIENCE = 300
_OF_ITS_USER = (".terraform", "*.tfstate*", "*.tfvars", "*_override.tf", "backend.tf", "tfplan")


@dataclass(frozen=True)
class Done:
    """How a command ended, and its output."""

    code: int
    lines: list[str]

    @property
    def said(self) -> str:
        """What it said, as sentences: without the frames of errors and the breaks of lines."""
        return " ".join(" ".join(self.lines).replace("│", " ").split())


@dataclass(frozen=True)
class Module:
    """A copy of the module in a folder of its own, with the variables that have no default."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, given: Mapping[str, str] = GIVEN) -> Done:
        """Run Terraform, with nothing of this machine's user but the way to its providers."""
        mine = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "TF_")) or name == "TF_CLI_CONFIG_FILE"
        }
        variables = {f"TF_VAR_{name}": value for name, value in given.items()}
        done = subprocess.run(
            ["terraform", *arguments],
            cwd=self.folder,
            env=mine
            | {"HOME": str(self.folder), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
            | variables
            | self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        return Done(done.returncode, done.stdout.splitlines())

    def plan(self, *arguments: str, **given: str) -> Done:
        """Plan with these variables, and others where they have no default."""
        flags = ("-input=false", "-no-color", "-detailed-exitcode")
        return self.run("plan", *flags, *arguments, given=GIVEN | given)

    def changes(self, **given: str) -> dict[str, str]:
        """Return what a plan with these variables would do, by address."""
        done = self.plan("-refresh=false", "-json", **given)
        assert done.code == _CHANGES, done.said
        said = (json.loads(line) for line in done.lines if line.startswith("{"))
        changes = [line["change"] for line in said if line["type"] == "planned_change"]
        return {change["resource"]["addr"]: change["action"] for change in changes}

    def apply(self, **given: str) -> Done:
        """Make what the plan says, without asking."""
        flags = ("-auto-approve", "-input=false", "-no-color")
        return self.run("apply", *flags, given=GIVEN | given)

    def json(self, *arguments: str) -> Any:
        """Return what a command prints as JSON."""
        done = self.run(*arguments)
        assert done.code == 0, done.said
        return json.loads(done.said[done.said.index("{") :])


def as_a_person(
    module: Module, environment: Mapping[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run the program behind `make hosted-…` on a copy, with this environment alone."""
    tool = module.folder.parent / "hosted"
    shutil.copytree(REPOSITORY / "hosted", tool, dirs_exist_ok=True)
    mine = {name: os.environ[name] for name in ("PATH", "TF_CLI_CONFIG_FILE") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "hosted", *arguments],
        cwd=module.folder.parent,
        env=mine | {"HOME": str(module.folder), "CHECKPOINT_DISABLE": "1"} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )


def copy_of_the_module(folder: Path, providers: Path | None = None) -> Path:
    """Copy the module without what its user made there; share the providers of another copy."""
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns(*_OF_ITS_USER))
    if providers is not None:
        (folder / ".terraform").mkdir()
        (folder / ".terraform" / "providers").symlink_to(providers)
    return folder
