"""Which machine Ansible works on."""

import os
from pathlib import Path

from hosted import terraform
from hosted.program import REPOSITORY
from hosted.refusal import Refusal

OURS = REPOSITORY / ".kpi" / "hosted" / "hosts.json"
NAMED_BY = "KPI_INVENTORY"


def find() -> Path:
    """The inventory that KPI_INVENTORY names; without one, that of the machine of terraform/."""
    if name := os.environ.get(NAMED_BY):
        path = Path(name).absolute()
        if not path.exists():
            raise Refusal(f"There is no inventory {name}: name a file that Ansible can read.")
        return path
    text = terraform.inventory()
    OURS.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    OURS.touch(mode=0o600)
    OURS.chmod(0o600)
    OURS.write_text(text, encoding="utf-8")
    return OURS


def needs_session_manager(inventory: Path) -> bool:
    """Whether a machine in it is reached by Session Manager."""
    return inventory.is_file() and b"aws_ssm" in inventory.read_bytes()
