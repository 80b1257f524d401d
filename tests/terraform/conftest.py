"""Terraform and its real AWS provider on a local AWS API, where everything is made once.

Excluded from `make test`, because it needs Terraform.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.terraform.local_aws import LocalAws, local_aws
from tests.terraform.terraform_module import (
    SETTINGS,
    SOURCE,
    Module,
    as_a_person,
    copy_of_the_module,
)


@dataclass(frozen=True)
class Hosted:
    """What was made, and the folder it was made from."""

    module: Module
    aws: LocalAws


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """An AWS account for all tests of a process."""
    with local_aws(tmp_path_factory.mktemp("aws") / "log") as running:
        yield running


@pytest.fixture(scope="session")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The locked providers, as `terraform init` installs them for everybody."""
    assert shutil.which("terraform"), "terraform is not on PATH: install version 1.11 or newer"
    folder = copy_of_the_module(tmp_path_factory.mktemp("providers") / "terraform")
    done = Module(folder).run("init", "-no-color", "-input=false", "-lockfile=readonly")
    assert done.code == 0, done.said
    return folder / ".terraform" / "providers"


@pytest.fixture
def module(tmp_path: Path, providers: Path) -> Module:
    """A copy of the module whose user has no credentials."""
    offline = {"AWS_EC2_METADATA_DISABLED": "true"}
    return Module(copy_of_the_module(tmp_path / "terraform", providers), offline)


@pytest.fixture(scope="session")
def hosted(
    aws: LocalAws, providers: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hosted]:
    """Everything that `make hosted-up` makes; `make hosted-down` leaves nothing of it."""
    before = aws.made()
    folder = copy_of_the_module(tmp_path_factory.mktemp("hosted") / "terraform", providers)
    module = Module(folder, aws.environment)
    try:
        (folder / "terraform.tfvars").write_text(SETTINGS)
        made = as_a_person(module, aws.environment, "up", "-auto-approve", "-no-color")
        assert (made.returncode, made.stderr) == (0, "")
        yield Hosted(module, aws)
    finally:
        # As docs/hosted.md says for deleting data and backups, too.
        shutil.copy(SOURCE / "teardown.tf.example", folder / "teardown_override.tf")
        flags = ("-auto-approve", "-refresh=false", "-no-color")
        deleted = as_a_person(module, aws.environment, "down", *flags)
    assert (deleted.returncode, deleted.stderr) == (0, "")
    assert aws.made() == before
