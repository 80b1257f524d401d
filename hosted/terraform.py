"""Terraform for people: `make hosted-plan`, `hosted-up` and `hosted-down`, and what it knows."""

import subprocess
import sys

from hosted import aws, program
from hosted.refusal import Refusal, sentence_for

FOLDER = program.REPOSITORY / "terraform"
COMMANDS = {"plan": ("plan",), "up": ("apply",), "down": ("destroy",)}
# What Terraform or AWS says, and what to do about it; the first that is found is told.
SENTENCES = aws.SENTENCES | {
    r"invalid AWS Region: ([a-z0-9-]+)": (
        "AWS has no region {}: set region in terraform/terraform.tfvars to one such as "
        "eu-central-1."
    ),
    r"has lifecycle\.prevent_destroy set": (
        "Data and backups are kept from being deleted: docs/hosted.md tells, under Tear down, how "
        "to keep them or to delete them with the rest."
    ),
    r"BucketNotEmpty": (
        "A bucket still holds files: docs/hosted.md tells, under Tear down, how to keep them or to "
        "delete them with the rest."
    ),
    r"Backend configuration changed|Backend initialization required": (
        "Where the state is kept was changed: run terraform -chdir=terraform init -migrate-state "
        "with the -backend-config of docs/hosted.md."
    ),
    r"Output \"\w+\" not found": "There is no machine yet: run make hosted-up first.",
}
_INIT = ("init", "-input=false", "-lockfile=readonly")


def manage(command: str, arguments: list[str]) -> None:
    """Run one of COMMANDS on terraform/; the arguments are handed on."""
    terraform = program.found(
        "terraform", "There is no terraform on PATH: install Terraform 1.11 or newer."
    )
    if not list(FOLDER.glob("*.tfvars")):
        raise Refusal(
            "terraform/terraform.tfvars is missing: copy terraform/terraform.tfvars.example there, "
            "and set your region, who may open the pages, and where mail goes."
        )
    _run(terraform, *_INIT, stdout=subprocess.DEVNULL)
    sys.stderr.write(_run(terraform, *COMMANDS[command], *arguments, stdout=None).stderr)


def inventory() -> str:
    """Ansible's inventory of the machine, as JSON; refuses when there is no machine."""
    terraform = program.found(
        "terraform",
        "There is no terraform on PATH, which knows the machine: install Terraform 1.11 or newer, "
        "or name an inventory of your own with INVENTORY=.",
    )
    _run(terraform, *_INIT, stdout=subprocess.DEVNULL)
    return _run(terraform, "output", "-json", "ansible_inventory", stdout=subprocess.PIPE).stdout


def _run(terraform: str, *arguments: str, stdout: int | None) -> subprocess.CompletedProcess[str]:
    done = program.run(terraform, *arguments, cwd=FOLDER, stdout=stdout, stderr=subprocess.PIPE)
    if done.returncode:
        raise Refusal(
            sentence_for(done.stderr, SENTENCES)
            or f"Terraform stopped, and says why:\n{done.stderr.strip()}"
        )
    return done
