"""`kpi demo`, twice, on a machine that has seen nothing yet."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from flows.paths import REPOSITORY

PARTS = [
    "1. Twelve rows of history",
    "2. The daily run",
    "3. A delivery with bad rows is refused",
    "4. The corrected delivery replaces it",
    "5. Five files become features",
    "6. Every user is scored",
    "7. A quiet week; then users change",
    "Where to look next",
]
REASONS = [
    "site_id_unknown",
    "user_id_missing",
    "purchase_date_not_a_date",
    "purchase_price_not_a_number",
]


@pytest.fixture
def environment() -> dict[str, str]:
    """As at first: no setting of ours, none of Prefect's."""
    ours = ("KPI_", "PREFECT_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "COLUMNS": "120"}


def demo(folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [Path(sys.executable).with_name("kpi"), "demo"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def published(told: str) -> list[str]:
    """What each publication did, without its days."""
    return re.findall(r"^Published \S+ to \S+: (.*)\.$", told, flags=re.MULTILINE)


def why(told: str) -> tuple[int, float, int, float, int]:
    """The last sentence: the new version and its figure, the former and its, and Production."""
    found = re.search(
        r"Users changed on 2026-07-08: on the same 779 users, whom neither was trained on, "
        r"version (\d+) has a ROC AUC of (0\.\d{3}) and version (\d+) of (0\.\d{3}), so "
        r"version (\d+) is Production\.",
        re.sub(r"\s+", " ", told),
    )
    assert found
    new, better, old, worse, production = found.groups()
    return int(new), float(better), int(old), float(worse), int(production)


def gain_in(told: str) -> float:
    """The last gain among the reasons for a promotion."""
    *_, last = re.findall(r"^  \+ ROC AUC (\+0\.\d+) against Production", told, re.MULTILINE)
    return float(last)


def processes_in(folder: Path) -> list[str]:
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True
    )
    return [line for line in listed.stdout.splitlines() if str(folder) in line]


@pytest.mark.xdist_group("demo")
def test_the_whole_story_twice(tmp_path: Path, environment: dict[str, str]) -> None:
    first = demo(tmp_path, environment)

    assert all(part in first for part in PARTS)
    history, daily, corrected = published(first)
    assert history == "11 inserted, 1 exact duplicates"
    assert daily == "20 inserted"
    assert "8 inserted" in corrected
    assert "deactivated" in corrected
    assert "break the contract" in first
    assert all(reason in first for reason in REASONS)
    assert "prod.BT_CRYPTO_EVENTS is the same to the last byte." in first
    trained = re.findall(r"^Version (\d+): ROC AUC 0\.\d{3}", first, flags=re.MULTILINE)
    assert trained == ["1", "2"]
    assert "Version 1 is Production." in first
    weeks = re.findall(r"columns drifted \(\d+%\), the week (.*)\.", first)
    assert weeks == ["is quiet", "counts as drifted", "counts as drifted"]
    assert "Drift lasts, so a training ran" in first
    new, better, old, worse, production = why(first)
    assert (new, old, production) == (2, 1, 2)
    assert better > worse + 0.05
    assert why(first) == why((REPOSITORY / "README.md").read_text(encoding="utf-8"))
    assert gain_in(first) == pytest.approx(better - worse, abs=0.01)
    assert "Version 2 is Production." in first
    summary = json.loads((tmp_path / ".kpi/churn/last_training.json").read_text(encoding="utf-8"))
    evaluation, decision = summary["evaluation"], summary["decision"]
    assert f"{evaluation['challenger']['roc_auc']:.3f}" == f"{better:.3f}"
    assert f"{evaluation['champion']['roc_auc']:.3f}" == f"{worse:.3f}"
    assert (decision["promote"], decision["reasons_against"]) == (True, [])
    docs = re.search(r"^Data Docs +(\S+)$", first, flags=re.MULTILINE)
    assert docs is not None
    assert Path(url2pathname(urlsplit(docs[1]).path)).is_file()
    assert re.search(r"^Prefect, MLflow and the app +kpi up$", first, flags=re.MULTILINE)
    assert [path.name for path in tmp_path.iterdir()] == [".kpi"]
    assert processes_in(tmp_path) == []

    second = demo(tmp_path, environment)

    again = published(second)
    assert again[0] == "11 unchanged, 1 exact duplicates"
    assert all("unchanged" in what for what in again)
    assert "Drift lasts, so a training ran" in second
    assert why(second) == (4, better, 3, worse, 4)
    assert processes_in(tmp_path) == []
