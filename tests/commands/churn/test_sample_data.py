"""`kpi sample-data`: the committed sample, and what it refuses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flows.paths import REPOSITORY

Kpi = Callable[..., Any]

COMMITTED = REPOSITORY / "data/churn"


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix != ".md"}


def test_the_committed_files_are_what_the_command_writes(kpi: Kpi, tmp_path: Path) -> None:
    said = kpi("sample-data")

    assert said.code == 0
    assert said.out.startswith("Wrote ")
    assert said.out.endswith(" payments of 2,500 users to data/churn.\n")
    assert contents(tmp_path / "data/churn") == contents(COMMITTED)


def test_the_committed_files_are_small() -> None:
    assert sum(file.stat().st_size for file in COMMITTED.iterdir()) < 2**20


def test_files_that_differ_are_replaced_only_when_forced(kpi: Kpi, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    ten = ("sample-data", "--users", "10", "--to", str(folder))
    kpi(*ten)
    first = contents(folder)

    again = kpi(*ten)
    refused = kpi(*ten, "--seed", "8")
    assert (again.code, refused.code) == (0, 2)
    assert refused.sentence == (
        f"kpi: {folder}/delivery.json differs: name another folder, or replace it with --force."
    )
    assert contents(folder) == first

    assert kpi(*ten, "--seed", "8", "--force").code == 0
    assert contents(folder) != first


def test_a_file_of_somebody_else_is_not_replaced(kpi: Kpi, tmp_path: Path) -> None:
    (tmp_path / "PAYMENTS.csv").write_text("mine")

    refused = kpi("sample-data", "--users", "10", "--to", str(tmp_path))

    assert (refused.code, "PAYMENTS.csv differs" in refused.sentence) == (2, True)
    assert contents(tmp_path) == {"PAYMENTS.csv": b"mine"}


def test_every_option_reaches_the_files(kpi: Kpi, tmp_path: Path) -> None:
    days = ("--as-of", "2025-06-30", "--usage-as-of", "2025-06-29")
    drift = ("--drift", "0.5", "--drift-from", "2025-06-01")
    said = kpi("sample-data", "--users", "10", "--seed", "3", *days, *drift, "--to", str(tmp_path))

    assert said.code == 0
    delivery = (tmp_path / "delivery.json").read_text()
    assert '"as_of": "2025-06-30"' in delivery
    assert '"ACTIVE_USER": "2025-06-29"' in delivery
    assert '"users": 10,\n    "seed": 3,\n    "drift": 0.5' in delivery
    assert '"drift_from": "2025-06-01"' in delivery


def test_bad_arguments_are_sentences(kpi: Kpi, tmp_path: Path) -> None:
    here = ("--to", str(tmp_path / "new"))
    for option, value in (("--users", "0"), ("--drift", "1.5"), ("--as-of", "today")):
        refused = kpi("sample-data", option, value, *here)
        assert (refused.code, f"Invalid value for '{option}'" in refused.err) == (2, True)

    refused = kpi("sample-data", "--usage-as-of", "2026-07-01", *here)
    assert (refused.code, refused.sentence) == (
        2,
        "kpi: usage_as_of is 2026-07-01, which is after as_of 2026-06-30.",
    )
    assert not (tmp_path / "new").exists()
