"""Ansible for people: `make hosted-deploy` and its like run one playbook of ansible/ each."""

import json
import sys
from argparse import ArgumentParser
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
    """Run the playbook of a command; the arguments are handed on to Ansible.

    `restore` takes `--at BACKUP` and `--force` for itself, and asks first without the latter.
    """
    ansible = PROGRAMS / "ansible-playbook"
    if not ansible.exists():
        raise Refusal(f"There is no Ansible in .venv-ansible: make hosted-{command} installs it.")
    if command == "deploy":
        _tell_what_is_left_out()
    hosts = inventory.find()
    if inventory.needs_session_manager(hosts):
        aws.check_session_manager(PROGRAMS / "python")
    if command == "restore":
        arguments = _restoring(arguments)
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


def _restoring(arguments: list[str]) -> list[str]:
    """Ansible's arguments for a restore, once somebody agreed to it; refuses otherwise."""
    parser = ArgumentParser(prog="hosted restore", add_help=False, allow_abbrev=False)
    parser.add_argument("--at", default="latest")
    parser.add_argument("--force", action="store_true")
    options, others = parser.parse_known_args(arguments)
    which = "the latest backup" if options.at == "latest" else f"the backup {options.at}"
    sys.stdout.write(
        f"This replaces the databases of the platform with those of {which}; "
        "what was written since is gone.\n"
    )
    sys.stdout.flush()
    if not options.force:
        _confirm_restore()
    # Last, so that nothing else is restored than what was said.
    return [*others, f"--extra-vars={json.dumps({'restore_at': options.at})}"]


def _confirm_restore() -> None:
    """Refuses unless the person at the terminal types what is to be done."""
    if not sys.stdin.isatty():
        raise Refusal(
            "Nothing was restored, as there is no terminal to ask at: FORCE=1 restores without."
        )
    sys.stdout.write("Type restore to go on: ")
    sys.stdout.flush()
    if sys.stdin.readline().strip() != "restore":
        raise Refusal("That is not restore: nothing was restored.")


def _sentence(failure: dict[str, str]) -> str:
    if failure["kind"] in ("failed", "unreachable") and (
        known := sentence_for(failure["said"], SENTENCES)
    ):
        return known
    return TOLD[failure["kind"]].format_map(failure)
