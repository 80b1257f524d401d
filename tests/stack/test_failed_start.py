"""What `make up` blames, on a real engine: what failed, never what was still starting."""

import socket
from pathlib import Path
from secrets import token_hex

from tests.stack.stack import Stack, write_environment

TWO_SERVICES = Path(__file__).with_name("failed_start.yaml")


def test_what_the_engine_cannot_start_is_blamed(stack: Stack, tmp_path: Path) -> None:
    """The images are those that the platform has built."""
    two = Stack(tmp_path / "platform.env")
    write_environment(two.file, f"kpi-test-{token_hex(4)}", TWO_SERVICES)
    text = two.file.read_text(encoding="utf-8").replace(
        "COMPOSE_FILE=compose.yaml:", "COMPOSE_FILE="
    )
    two.file.write_text(text, encoding="utf-8")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", int(two.values["AIRFLOW_PORT"])))
        listener.listen()
        try:
            said = two.make_fails("up", BUILD="0")
        finally:
            two.make("destroy", FORCE="1")

    assert "The platform did not start: second could not be started (" in said
    assert "address already in use" in said
    assert "first" not in said.splitlines()[-2]
