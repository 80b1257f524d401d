"""The kpi command, in this process and as a process, on the fresh database."""

import os
import pty
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from flows import cli
from flows.crypto_events.landing.ingest import ingest
from flows.platform.warehouse.connection import database_url
from flows.settings import Settings, load_settings
from tests.commands.command_result import CommandResult

HEADER = "site_id,user_id,purchase_date,crypto_type,purchase_price,purchase_units"


@pytest.fixture
def warehouse(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The fresh database as the commands' warehouse, ready in no time (few years)."""
    monkeypatch.setenv("KPI_DATABASE_URL", database_url(settings))
    monkeypatch.setenv("KPI_CRYPTO__FIRST_YEAR", "2020")
    monkeypatch.setenv("KPI_CRYPTO__LAST_YEAR", "2030")
    return load_settings()


@pytest.fixture
def kpi(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., CommandResult]]:
    """Runs a command in this process, which has loaded everything once."""
    monkeypatch.setenv("COLUMNS", "200")
    handler = signal.getsignal(signal.SIGTERM)

    def run(*arguments: str) -> CommandResult:
        capfd.readouterr()
        monkeypatch.setattr(sys, "argv", ["kpi", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.run_command()
        said = capfd.readouterr()
        assert "Traceback" not in said.out + said.err
        return CommandResult(int(ended.value.code or 0), said.out, said.err)

    yield run
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def kpi_process() -> Callable[..., CommandResult]:
    """Runs a command as people do, with changes to the environment."""

    def run(*arguments: str, environment: Mapping[str, str] | None = None) -> CommandResult:
        done = subprocess.run(
            [Path(sys.executable).with_name("kpi"), *arguments],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return CommandResult(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def columns_80() -> Callable[..., list[str]]:
    """Runs a command on a terminal of 80 columns, and returns the lines that it shows there.

    With `progress`, also what goes to stderr; TERM is then a terminal's that can go back.
    """

    def run(*arguments: str, progress: bool = False) -> list[str]:
        screen, terminal = pty.openpty()
        termios.tcsetwinsize(terminal, (24, 80))
        kind = "xterm" if progress else "dumb"
        environment = {**os.environ, "NO_COLOR": "1", "TERM": kind}
        environment.pop("COLUMNS", None)
        kpi = Path(sys.executable).with_name("kpi")
        with subprocess.Popen(
            [kpi, *arguments],
            env=environment,
            stdout=terminal,
            stderr=terminal if progress else None,
        ) as process:
            os.close(terminal)
            shown = b""
            # Reading a terminal that nobody writes to any more ends in EIO.
            with os.fdopen(screen, "rb", buffering=0) as opened, suppress(OSError):
                while piece := opened.read(65536):
                    shown += piece
        assert process.returncode == 0
        return shown.decode().splitlines()

    return run


@pytest.fixture
def deliver(tmp_path: Path) -> Callable[..., None]:
    """Stores lines of a CSV delivery in the warehouse."""

    def store(settings: Settings, *lines: str) -> None:
        file = tmp_path / "delivery.csv"
        file.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
        ingest(settings, file, "append")

    return store
