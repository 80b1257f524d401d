"""What the supervisor of the local platform is told to run."""

from pathlib import Path

import pytest

from flows.local.services.supervisor import Supervisor


@pytest.mark.parametrize(
    ("module", "ours"),
    [("flows.local.services.process", True), ("flows.local.serve", False)],
)
def test_it_knows_whose_services_it_starts(module: str, ours: bool, tmp_path: Path) -> None:
    command = f'"%(ENV_KPI_PYTHON)s" -m {module} app'
    (tmp_path / "supervisord.conf").write_text(
        f"[supervisord]\nlogfile = x\n[program:app]\ncommand = {command}\n"
    )
    assert Supervisor(tmp_path, 1).is_of_this_version() is ours
