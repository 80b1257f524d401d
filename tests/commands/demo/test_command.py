"""`kpi demo`, twice, on a machine that has seen nothing yet."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pyarrow.parquet as pq
import pytest

from flows.crypto_events.contract import RAW_COLUMNS
from flows.local.postgres.shared import running_warehouse
from flows.paths import REPOSITORY
from flows.platform.warehouse.connection import connect
from flows.settings import Settings
from tests.forgetting.kept import where

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
LEDGER, KEY = "artifacts/kpi-runs/forgotten/ledger.json", "forgotten/key"
REASONS = [
    "site_id_unknown",
    "user_id_missing",
    "purchase_date_not_a_date",
    "purchase_price_not_a_number",
]


@dataclass(frozen=True)
class Place:
    """An empty folder on a machine that has seen nothing yet, to type commands in."""

    folder: Path

    def kpi(self, *arguments: str) -> str:
        """Type a command, which must succeed; return what it said on stdout."""
        # As at first: no setting of ours, none of Prefect's.
        ours = ("KPI_", "PREFECT_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        done = subprocess.run(
            [Path(sys.executable).with_name("kpi"), *arguments],
            cwd=self.folder,
            env={**kept, "COLUMNS": "120"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        if arguments == ("demo",):
            assert done.stderr == ""
        return done.stdout

    @property
    def home(self) -> Path:
        """Where everything is kept."""
        return self.folder / ".kpi"

    def where(self, user: int) -> set[str]:
        """Every table and file that holds the user."""
        with (
            running_warehouse(Settings(home=self.home)) as settings,
            connect(settings, "test", autocommit=True) as db,
        ):
            return where(self.home, db, user)


@dataclass(frozen=True)
class Told:
    """Where the demo ran twice, what it told, and what its last training was after the first."""

    place: Place
    first: str
    training: dict[str, Any]
    second: str


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The demo, twice; `make demo` was the first where KPI_TEST_DEMO names its folder."""
    by_make = Path(os.environ.get("KPI_TEST_DEMO", ""), "said")
    # Of another day, it would have published other days than the second.
    if "KPI_TEST_DEMO" in os.environ and _day_of(by_make) == datetime.now(UTC).date():
        place = Place(by_make.parent)
        complaints = by_make.with_name("complaints").read_text(encoding="utf-8")
        # Nothing after the packages that it installed.
        assert re.split(r"^ [-+~] .*\n", complaints, flags=re.MULTILINE)[-1] == ""
        first = by_make.read_text(encoding="utf-8")
    else:
        place = Place(tmp_path_factory.mktemp("demo"))
        first = place.kpi("demo")
    training = json.loads((place.home / "churn/last_training.json").read_text(encoding="utf-8"))
    assert processes_in(place.folder) == []
    return Told(place, first, training, place.kpi("demo"))


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


def copy(source: Path, target: Path) -> None:
    """Copy a folder with the owners of its files: PostgreSQL has an account of its own."""
    subprocess.run(["cp", "-a", source, target], check=True)


def first_example(home: Path) -> int:
    """A user whose values MLflow keeps as an example of what the model reads."""
    shap = next((home / "mlflow").rglob("shap_values.parquet"))
    return int(pq.read_table(shap)["user_id"][0].as_py())


def _day_of(file: Path) -> date:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC).date()


def today() -> str:
    day = datetime.now(UTC).date()
    return f"{day.day}/{day.month}/{day.year}"


@pytest.mark.xdist_group("demo")
def test_the_whole_story_twice(told: Told) -> None:
    first = told.first

    assert all(part in first for part in PARTS)
    history, daily, corrected = published(first)
    assert history == "11 inserted, 1 repeated"
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
    evaluation, decision = told.training["evaluation"], told.training["decision"]
    assert f"{evaluation['challenger']['roc_auc']:.3f}" == f"{better:.3f}"
    assert f"{evaluation['champion']['roc_auc']:.3f}" == f"{worse:.3f}"
    assert (decision["promote"], decision["reasons_against"]) == (True, [])
    docs = re.search(r"^Data Docs +(\S+)$", first, flags=re.MULTILINE)
    assert docs is not None
    assert Path(url2pathname(urlsplit(docs[1]).path)).is_file()
    assert re.search(r"^Prefect, MLflow and the app +kpi up$", first, flags=re.MULTILINE)

    second = told.second
    again = published(second)
    assert again[0] == "11 unchanged, 1 repeated"
    assert all("unchanged" in what for what in again)
    assert "Drift lasts, so a training ran" in second
    assert why(second) == (4, better, 3, worse, 4)
    assert processes_in(told.place.folder) == []


@pytest.mark.xdist_group("demo")
def test_a_forgotten_user_is_found_nowhere(told: Told, tmp_path: Path) -> None:
    place = told.place
    user = first_example(place.home)
    delivery = tmp_path / "delivery.csv"
    delivery.write_text(
        f"{','.join(RAW_COLUMNS)}\n"
        f"ARGENTINA,{user},{today()},BTC,20000,2\n"
        f"ARGENTINA,user {user},{today()},ETH,1000,2\n"
    )
    place.kpi("ingest", str(delivery))
    place.kpi("run", "--policy", "quarantine", "--max-reject-share", "0.5")
    place.kpi("score")
    before = place.where(user)
    for part in (
        "raw.",
        "prod.",
        "dqm.",
        "churn/runs/",
        "churn/drift_history/",
        "demo/",
        "mlflow/",
    ):
        assert any(found.startswith(part) for found in before), part
    assert any("ge-artifacts" in found for found in before)
    copy(place.home, tmp_path / "backup")

    promised = json.loads(place.kpi("forget", str(user), "--dry-run", "--format", "json"))
    assert place.where(user) == before
    done = json.loads(place.kpi("forget", str(user), "--why", "asked for it", "--format", "json"))

    assert place.where(user) == set()
    assert [row["found"] for row in done] == [row["found"] for row in promised]

    # As on a machine that is restored: all but the key, and the ledger's file, is of before.
    ledger, key = place.home / LEDGER, place.home / KEY
    copy(ledger.parent, tmp_path / "ledger")
    copy(key.parent, tmp_path / "key")
    shutil.rmtree(place.home)
    copy(tmp_path / "backup", place.home)
    copy(tmp_path / "ledger", ledger.parent)
    copy(tmp_path / "key", key.parent)
    assert place.where(user) == before
    place.kpi("forget", "--again")

    assert place.where(user) == set()

    assert "Left out 2 of people who were forgotten." in place.kpi("ingest", str(delivery))
    place.kpi("run", "--policy", "quarantine", "--max-reject-share", "0.5")
    place.kpi("score")

    assert place.where(user) == set()
