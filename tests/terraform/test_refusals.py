"""What stops Terraform before anything is made, and the sentence it says."""

from tests.terraform.local_aws import LocalAws
from tests.terraform.terraform_module import Module

WRONG = {
    "region": "Frankfurt",
    "instance_type": "t3.small",
    "ssh_allowed_cidrs": '["0.0.0.0/0"]',
}
SENTENCES = (
    'region "Frankfurt" is no AWS region: set it to one such as eu-central-1 or us-east-1.',
    'instance_type "t3.small" is no type, or too small: choose one with at least 8 GiB of memory',
    "opens SSH too far, as 0.0.0.0/0 and ::/0 would, or is no IPv4 range: list the addresses you",
)


def test_values_that_cannot_be(module: Module, aws: LocalAws) -> None:
    before = aws.made()

    done = Module(module.folder, aws.environment).apply(**WRONG)

    assert done.code == 1
    for sentence in SENTENCES:
        assert sentence in done.said
    assert done.said.count("Error: ") == len(SENTENCES)
    assert aws.made() == before


def test_a_variable_without_a_default(module: Module, aws: LocalAws) -> None:
    done = Module(module.folder, aws.environment).run(
        "plan", "-input=false", "-no-color", given={"region": "eu-central-1"}
    )

    assert done.code == 1
    for name in ("allowed_cidrs", "alert_email"):
        assert f'The root module input variable "{name}" is not set' in done.said
