"""`make hosted-plan` and its like, through the program behind them."""

from pathlib import Path

import pytest

from tests.terraform.local_aws import LocalAws
from tests.terraform.terraform_module import SETTINGS, Module, as_a_person

OFFLINE = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1"}


@pytest.fixture
def configured(module: Module) -> Module:
    """The module with the settings of a user."""
    (module.folder / "terraform.tfvars").write_text(SETTINGS)
    return module


def test_a_plan_is_shown(configured: Module, aws: LocalAws) -> None:
    done = as_a_person(configured, aws.environment, "plan", "-no-color")

    assert (done.returncode, done.stderr) == (0, "")
    assert "Plan: 36 to add, 0 to change, 0 to destroy." in done.stdout


def test_without_credentials(configured: Module, aws: LocalAws) -> None:
    before = aws.made()

    done = as_a_person(configured, OFFLINE | {"AWS_ENDPOINT_URL": aws.url}, "up", "-auto-approve")

    assert done.returncode == 1
    assert done.stderr == (
        "kpi: No AWS credentials were found: run `aws configure` or `aws sso login`, "
        "or set AWS_PROFILE to a profile that has some.\n"
    )
    assert aws.made() == before


def test_a_region_that_aws_does_not_have(configured: Module, aws: LocalAws) -> None:
    done = as_a_person(configured, aws.environment, "up", "-auto-approve", "-var=region=eu-west-9")

    assert done.returncode == 1
    assert done.stderr == (
        "kpi: AWS has no region eu-west-9: set region in terraform/terraform.tfvars to one such as "
        "eu-central-1.\n"
    )


def test_what_only_aws_knows_is_shown_as_terraform_says_it(
    configured: Module, aws: LocalAws
) -> None:
    before = aws.made()
    small = "-var=instance_type=c7i.large"

    done = as_a_person(configured, aws.environment, "up", "-auto-approve", "-no-color", small)

    assert done.returncode == 1
    assert done.stderr.startswith("kpi: Terraform stopped, and says why:\n")
    assert "c7i.large is too small: choose an instance_type with at least" in done.stderr
    assert done.stderr.count("Error: ") == 1
    assert aws.made() == before


def test_before_terraform_is_asked(module: Module, tmp_path: Path) -> None:
    unconfigured = as_a_person(module, OFFLINE, "plan")
    without_terraform = as_a_person(module, {"PATH": str(tmp_path)}, "plan")
    unknown = as_a_person(module, OFFLINE, "apply")

    assert unconfigured.stderr.startswith("kpi: terraform/terraform.tfvars is missing: copy")
    assert without_terraform.stderr.startswith("kpi: There is no terraform on PATH: install")
    assert unknown.stderr.startswith("kpi: Name one of plan, up, down, deploy, ")
    assert {unconfigured.returncode, without_terraform.returncode, unknown.returncode} == {1}
