"""Terraform for people, behind `make hosted-plan`, `hosted-up` and `hosted-down`.

Needs nothing but Python and Terraform. What a user can act on ends as one sentence.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
COMMANDS = {"plan": ("plan",), "up": ("apply",), "down": ("destroy",)}
# What Terraform or AWS says, and what to do about it; the first that is found is told.
SENTENCES = {
    r"No valid credential sources found": (
        "No AWS credentials were found: run `aws configure` or `aws sso login`, or set AWS_PROFILE "
        "to a profile that has some."
    ),
    r"InvalidClientTokenId|SignatureDoesNotMatch|AuthFailure|ExpiredToken|InvalidAccessKeyId": (
        "AWS does not accept these credentials: log in again, or set AWS_PROFILE to another "
        "profile."
    ),
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
}


class Refusal(Exception):
    """Something a user can act on; its text is the whole message."""


def main(arguments: list[str]) -> int:
    """Run one command of Terraform on this folder; further arguments are handed on."""
    try:
        command = COMMANDS[arguments[0]] if arguments and arguments[0] in COMMANDS else None
        if command is None:
            raise Refusal(f"Name one of {', '.join(COMMANDS)}, then what Terraform is to be told.")
        program = _terraform()
        _run(program, "init", "-input=false", "-lockfile=readonly", quiet=True)
        _run(program, *command, *arguments[1:])
    except Refusal as error:
        sys.stderr.write(f"kpi: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _terraform() -> str:
    program = shutil.which("terraform")
    if program is None:
        raise Refusal("There is no terraform on PATH: install Terraform 1.11 or newer.")
    if not list(FOLDER.glob("*.tfvars")):
        raise Refusal(
            "terraform/terraform.tfvars is missing: copy terraform/terraform.tfvars.example there, "
            "and set your region, who may open the pages, and where mail goes."
        )
    return program


def _run(program: str, *arguments: str, quiet: bool = False) -> None:
    done = subprocess.run(
        [program, *arguments],
        cwd=FOLDER,
        stdout=subprocess.DEVNULL if quiet else None,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refusal(_sentence(done.stderr))
    sys.stderr.write(done.stderr)


def _sentence(said: str) -> str:
    # Without colours, frames and the breaks of lines.
    plain = " ".join(re.sub(r"\x1b\[[0-9;]*m|│", " ", said).split())
    for pattern, sentence in SENTENCES.items():
        if found := re.search(pattern, plain):
            return sentence.format(*found.groups())
    return f"Terraform stopped, and says why:\n{said.strip()}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
