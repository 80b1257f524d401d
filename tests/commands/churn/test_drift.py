"""`kpi drift` and `kpi watch`, on real deliveries."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.churn.drift.result import ColumnDrift, DriftReport
from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.features.snapshots.history import snapshots
from flows.churn.folders import drift_report
from flows.churn.sample_data.writer import write_sample_data
from flows.commands.churn.drift import print_drift
from flows.commands.rows import people_console
from flows.settings import Settings
from tests.churn.handmade_models import Registry
from tests.churn.outcomes.monitored import score

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

Kpi = Callable[..., Any]
SUNDAY = date(2026, 6, 28)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_sample_data(tmp_path / "source", users=300, seed=7, as_of=SUNDAY)
    return tmp_path / "source"


def cells(out: str) -> dict[str, list[str]]:
    """The rows of the table by their first cell."""
    rows = [line.split("│")[1:-1] for line in out.splitlines() if "│" in line]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows}


def test_drift_shows_the_columns_and_the_report(
    warehouse: Settings, kpi: Kpi, source: Path, tmp_path: Path
) -> None:
    earlier = tmp_path / "earlier"
    write_sample_data(earlier, users=300, seed=7, as_of=SUNDAY - timedelta(weeks=1))
    first = kpi("drift", "--source", str(earlier))
    assert (first.code, first.out) == (
        0,
        "There is no snapshot of an earlier week: nothing to compare with yet.\n",
    )

    said = kpi("drift", "--source", str(source), "--simulate-drift", "2")

    assert said.code == 0
    verdict, *_, address = said.out.splitlines()
    all_of_them = f"{len(FEATURE_NAMES)} of {len(FEATURE_NAMES)} columns drifted (100%)"
    assert verdict == f"SIMULATED: {all_of_them}, the week counts as drifted."
    shown = [row for row in cells(said.out).values() if row[0] == "wasserstein"]
    assert f"and {len(FEATURE_NAMES) - 8} more, in the report" in said.out
    for _, distance, threshold in shown:
        # With so few users, more than the settings' 0.1 may be chance.
        assert 0.1 < float(threshold) < 1 < float(distance)
    assert shown
    page = drift_report(warehouse, SUNDAY, simulated=True)
    assert address == f"Report: {page.as_uri()}"
    assert page.exists()
    assert "Warning" not in said.out + said.err
    assert snapshots(warehouse, 120) == [SUNDAY - timedelta(weeks=1)]


def test_programs_get_every_column_and_people_are_told_beside(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = [
        ColumnDrift("age", "wasserstein", 0.1, 2.123456789, drifted=True),
        ColumnDrift("has_card", "jensenshannon", 0.1, 0.05, drifted=False),
    ]
    report = DriftReport(SUNDAY, False, [SUNDAY], columns, ["spent_ml"], 0.5, True, None)

    print_drift(people_console("json"), settings, report, "json")

    said = capsys.readouterr()
    assert json.loads(said.out) == [asdict(column) for column in columns]
    assert said.err.splitlines() == [
        "1 of 2 columns drifted (50%), the week counts as drifted.",
        "Left out, nothing is known about them: spent_ml",
    ]


def test_drift_says_in_a_line_how_good_earlier_scores_were(
    warehouse: Settings, kpi: Kpi, source: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Estimated until their days are over; then measured, whatever else is estimated by then."""
    Registry(warehouse, tmp_path_factory, ["good"])
    for days, told in ((9, "estimated"), (30, "realized")):
        score(warehouse, source, SUNDAY - timedelta(days=days))
        said = kpi("drift", "--source", str(source))
        assert said.code == 0
        verdict, outcome = said.out.splitlines()
        assert verdict.startswith("There is no snapshot of an earlier week")
        assert re.fullmatch(
            rf"Scores of {SUNDAY - timedelta(days=days)} by version 1, active users: "
            rf"{told} ROC AUC 0\.\d{{3}} \[0\.\d{{3}}, 0\.\d{{3}}\]\.",
            outcome,
        )


@pytest.mark.usefixtures("warehouse")
def test_drift_refuses_what_it_cannot_read(kpi: Kpi, source: Path) -> None:
    (source / "MARKETPLACE_DATA.csv").write_text("nothing\n", encoding="utf-8")
    said = kpi("drift", "--source", str(source))
    assert (said.code, said.out) == (1, "")
    assert said.sentence.startswith("kpi: MARKETPLACE_DATA.csv")


@pytest.mark.usefixtures("warehouse")
def test_watch_says_what_changed_until_somebody_trains(kpi: Kpi, source: Path) -> None:
    for _ in range(2):
        said = kpi("watch", "--source", str(source))
        assert (said.code, said.out) == (
            0,
            f"Changed in {source}: PAYMENTS.csv, ACTIVE_USER.csv, DEMOGRAFICOS.csv, "
            "DINERO_CUENTA.csv, MARKETPLACE_DATA.csv. No training was started.\n",
        )
