"""The machine that Terraform made is the one that Ansible works on, by Session Manager or SSH."""

import json
import subprocess
from pathlib import Path
from stat import S_IMODE

import pytest

from tests.hosted.hosted_checkout import PATIENCE, PROGRAMS, Checkout

BY_SESSION_MANAGER = {
    "ansible_connection": "amazon.aws.aws_ssm",
    "ansible_aws_ssm_instance_id": "i-0123456789abcdef0",
    "ansible_aws_ssm_region": "eu-central-1",
    "ansible_aws_ssm_bucket_name": "kpi-transfers",
}


def make(checkout: Checkout, machine: dict[str, str]) -> dict[str, object]:
    """Let Terraform know of a machine, whatever it is; its inventory."""
    inventory = {"all": {"children": {"platform": {"hosts": {"kpi": machine}}}}}
    (checkout.folder / "terraform" / "main.tf.json").write_text(
        json.dumps({"output": {"ansible_inventory": {"value": inventory}}})
    )
    subprocess.run(
        ["terraform", "-chdir=terraform", "apply", "-auto-approve"],
        cwd=checkout.folder,
        env=checkout.surroundings,
        check=True,
        timeout=PATIENCE,
    )
    return inventory


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    checkout = Checkout.made(tmp_path / "checkout")
    del checkout.environment["KPI_INVENTORY"]
    (checkout.folder / "terraform").mkdir()
    (checkout.folder / "terraform" / "main.tf.json").write_text("{}")
    checkout.playbook("- ansible.builtin.ping:")
    return checkout


def test_the_machine_that_terraform_made(checkout: Checkout) -> None:
    before = checkout.run("backup")
    python = str(PROGRAMS / "python")
    local = {"ansible_connection": "local", "ansible_python_interpreter": python}
    inventory = make(checkout, local)
    done = checkout.run("backup")

    assert before.returncode == 1
    assert before.stderr == "kpi: There is no machine yet: run make hosted-up first.\n"
    assert (done.returncode, done.stderr) == (0, "")
    file = checkout.folder / ".kpi" / "hosted" / "hosts.json"
    assert json.loads(file.read_text()) == inventory
    assert S_IMODE(file.stat().st_mode) == 0o600


def test_what_session_manager_needs_is_looked_for_first(checkout: Checkout, tmp_path: Path) -> None:
    make(checkout, BY_SESSION_MANAGER)
    plugin = tmp_path / "programs" / "session-manager-plugin"
    plugin.parent.mkdir()
    with_plugin = {"PATH": f"{plugin.parent}:{checkout.surroundings['PATH']}"}
    keys = {"AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": "secret"}
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1"}

    without_plugin = checkout.run("backup")
    plugin.touch(mode=0o700)
    without_credentials = checkout.run("backup", environment=with_plugin)
    with_both = checkout.run("backup", environment=with_plugin | keys | nowhere)

    assert without_plugin.stderr.startswith("kpi: There is no session-manager-plugin on PATH: inst")
    assert without_credentials.stderr.startswith("kpi: No AWS credentials were found: run `aws con")
    assert "TASK" not in without_plugin.stdout + without_credentials.stdout
    assert "TASK [ansible.builtin.ping]" in with_both.stdout
    assert with_both.stderr.startswith("kpi: AWS does not answer at http://127.0.0.1:1/kpi-trans")
    codes = {without_plugin.returncode, without_credentials.returncode, with_both.returncode}
    assert codes == {1}


def test_without_terraform(checkout: Checkout, tmp_path: Path) -> None:
    done = checkout.run("backup", environment={"PATH": str(tmp_path)})

    assert done.returncode == 1
    assert done.stderr.startswith("kpi: There is no terraform on PATH, which knows the machine: ")
    assert "INVENTORY=" in done.stderr
