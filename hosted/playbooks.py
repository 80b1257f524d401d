"""Ansible for people: `make hosted-deploy` and its like run one playbook of ansible/ each."""

import json
import sys
from pathlib import Path
from subprocess import DEVNULL, PIPE
from tempfile import TemporaryDirectory

from hosted import aws, inventory, program
from hosted.program import REPOSITORY
from hosted.refusal import Refusal, sentence_for

FOLDER = REPOSITORY / "ansible"
PROGRAMS = REPOSITORY / ".venv-ansible" / "bin"
SETTINGS = FOLDER / "settings.yml"
COMMANDS = ("deploy", "rollback", "backup", "restore", "login")
# What the plugin kpi_failure found, by its kind.
TOLD = {
    "told": "{said}",
    "failed": "{task} failed on {host}: {said}",
    "unreachable": (
        "{host} cannot be reached: look whether it runs, and whether you may log in from here. "
        "Ansible says: {said}"
    ),
    "nobody": "The inventory names no machine for this: put yours into its group platform.",
}
# What Session Manager says of a machine that does not answer.
SENTENCES = aws.SENTENCES | {
    r"TargetNotConnected": (
        "The machine does not answer Session Manager: it does so about two minutes after it was "
        "made or started; look whether it runs."
    ),
}


def play(command: str, arguments: list[str]) -> None:
    """Run the playbook of a command; the arguments are handed on to Ansible."""
    ansible = PROGRAMS / "ansible-playbook"
    if not ansible.exists():
        raise Refusal(f"There is no Ansible in .venv-ansible: make hosted-{command} installs it.")
    if command == "deploy":
        _tell_what_is_left_out()
    hosts = inventory.find()
    if inventory.needs_session_manager(hosts):
        aws.check_session_manager(PROGRAMS / "python")
    settings = [f"--extra-vars=@{SETTINGS}"] if SETTINGS.exists() else []
    with TemporaryDirectory() as folder:
        failure = Path(folder) / "failure.json"
        done = program.run(
            ansible,
            f"--inventory={hosts}",
            *settings,
            *arguments,
            FOLDER / f"{command}.yml",
            environment={
                "ANSIBLE_CONFIG": str(FOLDER / "ansible.cfg"),
                "ANSIBLE_CALLBACK_PLUGINS": str(FOLDER / "plugins" / "callback"),
                "KPI_FAILURE": str(failure),
            },
        )
        if failure.exists():
            raise Refusal(_sentence(json.loads(failure.read_text(encoding="utf-8"))))
    if done.returncode:
        raise Refusal("Ansible stopped; the lines above say why.")


def _tell_what_is_left_out() -> None:
    git = program.found("git", "There is no git on PATH: what is deployed is the last commit.")
    done = program.run(git, "status", "--porcelain", stdout=PIPE, stderr=DEVNULL)
    if done.returncode:
        raise Refusal("This folder is no Git repository: what is deployed is the last commit.")
    if done.stdout:
        sys.stdout.write("Uncommitted changes are not deployed.\n")
        sys.stdout.flush()


def _sentence(failure: dict[str, str]) -> str:
    if failure["kind"] in ("failed", "unreachable") and (
        known := sentence_for(failure["said"], SENTENCES)
    ):
        return known
    return TOLD[failure["kind"]].format_map(failure)
