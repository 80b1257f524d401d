"""Ctrl-C while the supervisor is asked, as it is all the time while services start."""

from pathlib import Path

from flows.local.services.supervisor import Supervisor
from tests.environment.interrupts import lost_interrupts


def test_ctrl_c_is_heard_whenever_it_comes(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, 600)
    supervisor.start(["app"], {})
    try:
        states = f"""
from pathlib import Path
from flows.local.services.supervisor import Supervisor
supervisor = Supervisor(Path({str(tmp_path)!r}), 600)
def call():
    assert supervisor.states() == {{"app": "STOPPED"}}
"""
        assert lost_interrupts(states) == 0
    finally:
        supervisor.shut_down()
