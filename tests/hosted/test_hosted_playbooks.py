"""`make hosted-deploy` and its like, with the real Ansible on this machine."""

import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from flows.local.machine import wait_until
from tests.hosted.hosted_checkout import HERE, PATIENCE, Checkout

RESTORE = """
- name: Restore
  ansible.builtin.debug: {msg: "restored {{ restore_at }}"}
"""
STOPPED = "kpi: Ansible stopped; the lines above say why.\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout.made(tmp_path / "checkout")


def test_a_playbook_that_succeeds(checkout: Checkout) -> None:
    checkout.playbook("""
- name: Fail where it does not matter
  ansible.builtin.command: "false"
  ignore_errors: true
- name: Try
  block:
    - name: Fail where it is foreseen
      ansible.builtin.fail: {msg: "not the last word"}
  rescue:
    - name: Go on
      ansible.builtin.debug: {msg: "{{ from_settings }} and {{ from_the_command_line }}"}
""")
    (checkout.folder / "ansible" / "settings.yml").write_text("from_settings: one\n")

    done = checkout.run("backup", "-e", "from_the_command_line=two", "--diff")

    assert (done.returncode, done.stderr) == (0, "")
    assert "TASK [Go on]" in done.stdout
    assert "one and two" in done.stdout


def test_a_sentence_of_a_playbook_is_what_is_told_last(checkout: Checkout) -> None:
    checkout.playbook("""
- name: Look at the settings
  ansible.builtin.assert:
    that: [false]
    fail_msg: "proxy_tls is {maybe}: set it to acme or internal."
- name: Never come here
  ansible.builtin.debug:
""")

    done = checkout.run("backup")

    assert done.returncode == 1
    assert done.stderr == "kpi: proxy_tls is {maybe}: set it to acme or internal.\n"
    assert "TASK [Look at the settings]" in done.stdout
    assert "Never come here" not in done.stdout


def test_what_fails_without_a_sentence_is_told_by_its_name(checkout: Checkout) -> None:
    checkout.playbook("""
- name: List what is there
  ansible.builtin.command: ls /{{ item }}
  loop: [tmp, nowhere]
""")

    done = checkout.run("backup")

    assert done.returncode == 1
    assert done.stderr.startswith("kpi: List what is there failed on kpi: ")
    assert done.stderr.count("\n") == 1
    assert "non-zero return code ls: cannot access '/nowhere'" in done.stderr


def test_what_a_task_keeps_secret_stays_secret(checkout: Checkout) -> None:
    checkout.playbook("""
- name: Log in
  ansible.builtin.shell: echo hunter2 >&2; false
  no_log: true
""")

    done = checkout.run("backup")

    assert done.returncode == 1
    assert done.stderr.startswith("kpi: Log in failed on kpi: the output has been hidden")
    assert "hunter2" not in done.stdout + done.stderr


def test_a_machine_that_does_not_answer(checkout: Checkout) -> None:
    (checkout.folder / "hosts").write_text(
        "[platform]\nkpi ansible_host=localhost ansible_port=1\n"
    )
    checkout.playbook("- ansible.builtin.ping:")

    done = checkout.run("backup")

    assert done.returncode == 1
    assert done.stderr.startswith("kpi: kpi cannot be reached: look whether it runs, and whether")
    assert "Connection refused" in done.stderr


def test_nothing_to_do_is_no_success(checkout: Checkout) -> None:
    checkout.playbook("- ansible.builtin.ping:")
    (checkout.folder / "hosts").write_text(HERE.replace("platform", "elsewhere"))

    nobody = checkout.run("backup")
    missing = checkout.run("backup", environment={"KPI_INVENTORY": "nowhere"})
    broken = checkout.run("login")

    assert nobody.stderr.endswith(
        "kpi: The inventory names no machine for this: put yours into its group platform.\n"
    )
    assert missing.stderr == (
        "kpi: There is no inventory nowhere: name a file that Ansible can read.\n"
    )
    assert broken.stderr.endswith(STOPPED)
    assert {nobody.returncode, missing.returncode, broken.returncode} == {1}


def test_what_is_not_committed_is_not_deployed(checkout: Checkout) -> None:
    checkout.playbook("- ansible.builtin.ping:", "deploy")
    hint = "Uncommitted changes are not deployed.\n"

    before = checkout.run("deploy")
    checkout.git("init", "--quiet")
    (checkout.folder / ".gitignore").write_text(".ansible\n__pycache__\n")
    checkout.git("add", ".")
    checkout.git("commit", "--quiet", "--message", "All of it")
    committed = checkout.run("deploy")
    (checkout.folder / "change").touch()
    changed = checkout.run("deploy")

    assert before.stderr.startswith("kpi: This folder is no Git repository: what is deployed is")
    assert (committed.returncode, committed.stderr) == (0, "")
    assert hint not in committed.stdout
    assert (changed.returncode, changed.stderr) == (0, "")
    assert changed.stdout.startswith(hint)


def test_a_restore_without_a_terminal_restores_nothing(checkout: Checkout) -> None:
    checkout.playbook(RESTORE, "restore")

    done = checkout.run("restore")

    assert done.returncode == 1
    assert done.stdout == (
        "This replaces the databases of the platform with those of the latest backup; "
        "what was written since is gone.\n"
    )
    assert done.stderr == (
        "kpi: Nothing was restored, as there is no terminal to ask at: FORCE=1 restores without.\n"
    )


def test_a_restore_with_force_does_not_ask(checkout: Checkout) -> None:
    checkout.playbook(RESTORE, "restore")
    named = "2026-11-23T02-30-00Z"

    latest = checkout.run("restore", "--force")
    earlier = checkout.run("restore", "--force", f"--at={named}", "-e", "restore_at=other")

    assert (latest.returncode, latest.stderr) == (0, "")
    assert "restored latest" in latest.stdout
    assert (earlier.returncode, earlier.stderr) == (0, "")
    assert f"those of the backup {named}; what was" in earlier.stdout
    assert f"restored {named}" in earlier.stdout
    assert "Type restore" not in latest.stdout + earlier.stdout


@pytest.mark.parametrize(("typed", "code"), [("restore", 0), ("yes", 1)])
def test_a_restore_asks_at_a_terminal(typed: str, code: int, checkout: Checkout) -> None:
    checkout.playbook(RESTORE, "restore")
    person, terminal = pty.openpty()
    os.write(person, f"{typed}\n".encode())
    try:
        done = checkout.run("restore", stdin=terminal)
    finally:
        os.close(person)
        os.close(terminal)

    assert done.returncode == code
    assert "Type restore to go on: " in done.stdout
    assert ("restored latest" in done.stdout) is (code == 0)
    refusal = "" if code == 0 else "kpi: That is not restore: nothing was restored.\n"
    assert done.stderr == refusal


def test_without_ansible(checkout: Checkout) -> None:
    (checkout.folder / ".venv-ansible").unlink()

    done = checkout.run("login")

    assert done.returncode == 1
    assert done.stderr == (
        "kpi: There is no Ansible in .venv-ansible: make hosted-login installs it.\n"
    )


@pytest.mark.usefixtures("ctrl_c")
def test_an_interrupt_lets_a_program_end_what_it_does(checkout: Checkout, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    slow = f"""#!/bin/sh
trap 'sleep 2; echo ended in its own way; exit 99' INT
touch {begun}
sleep {PATIENCE} &
wait
"""
    programs = checkout.folder / ".venv-ansible" / "bin"
    programs.parent.unlink()
    programs.mkdir(parents=True)
    (programs / "ansible-playbook").write_text(slow)
    (programs / "ansible-playbook").chmod(0o700)
    with subprocess.Popen(
        [sys.executable, "-m", "hosted", "backup"],
        cwd=checkout.folder,
        env=checkout.surroundings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as running:
        assert wait_until(begun.exists, PATIENCE)
        # As a terminal does at Ctrl-C.
        os.killpg(running.pid, signal.SIGINT)
        assert running.wait(PATIENCE) == 130
        # What the shell left in the background, where it keeps interrupts from that.
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        said, _ = running.communicate()

    assert said == "ended in its own way\n"
