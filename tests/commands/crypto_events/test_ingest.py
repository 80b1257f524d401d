"""`kpi ingest`: how far it is, for whoever looks, and what it stored."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.command_result import CommandResult
from tests.commands.conftest import HEADER

STORED = "Stored 1 row of delivery.csv (1 day: 2025-03-09); 0 earlier rows replaced."


@pytest.fixture
def delivery(tmp_path: Path) -> str:
    """A file with one row."""
    file = tmp_path / "delivery.csv"
    file.write_text(f"{HEADER}\nBRASIL,1,9/3/2025,BTC,60000,1\n", encoding="utf-8")
    return str(file)


@pytest.mark.usefixtures("warehouse")
def test_a_terminal_shows_how_much_was_read(
    delivery: str, columns_80: Callable[..., list[str]]
) -> None:
    shown = " ".join(columns_80("ingest", delivery, progress=True))

    assert "Reading delivery.csv" in shown
    assert "Stored 1 row of delivery.csv" in shown


@pytest.mark.usefixtures("warehouse")
def test_elsewhere_the_sentence_about_it_is_all(
    delivery: str, kpi_process: Callable[..., CommandResult]
) -> None:
    assert kpi_process("ingest", delivery) == CommandResult(0, f"{STORED}\n", "")
