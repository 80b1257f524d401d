"""The drift monitor's steps: real Evidently on weekly deliveries, real PostgreSQL."""

import re
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from flows.churn.drift.log_drift_result import log_drift_result
from flows.churn.drift.run_drift_report import report_drift, run_drift_report
from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.features.snapshots.build_current_snapshot import build_current_snapshot
from flows.churn.features.snapshots.history import snapshots
from flows.churn.folders import drift_report
from flows.churn.planning import plan_drift
from flows.errors import BadInput, KpiError
from flows.platform.storage.object_store import read_object
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.churn.weekly_deliveries import (
    Week,
    deliveries,
    monitor,
    sunday,
    with_longer_history,
    without_cells,
)
from tests.s3_endpoint import content, s3_endpoint

Said = list[tuple[str, dict[str, Any]]]
LOOKBACK = 120
BEHAVIOUR = {"payments_last_60d", "mau_mp_1", "mau_ml_1", "saldo_mes_actual", "avg_discount"}


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Week:
    """Writes the delivery of a week."""
    return deliveries(tmp_path_factory.mktemp("weeks"))


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    """The events, which a Prefect server takes; tests/churn/test_retraining_event.py has one."""
    events: Said = []

    def emit(_: object, event: str, __: object, payload: dict[str, Any]) -> bool:
        events.append((event, payload))
        return True

    monkeypatch.setattr("flows.churn.drift.log_drift_result.emit", emit)
    return events


def kept(settings: Settings) -> list[date]:
    """The days of the snapshots that are kept."""
    return snapshots(settings, LOOKBACK)


def rows(db: Connection, table: str) -> list[dict[str, Any]]:
    found = db.execute(f"SELECT * FROM dqm.{table} ORDER BY snapshot_day").fetchall()
    return [{key: row[key] for key in row if key != "logged_at"} for row in found]


def by_column(found: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["run_id"], row["column_name"]): row for row in found}


@pytest.mark.long
def test_quiet_weeks_stay_quiet(settings: Settings, week: Week, said: Said, db: Connection) -> None:
    first, *others = (monitor(settings, week(number)) for number in range(3))

    assert str(first.report) == (
        "There is no snapshot of an earlier week: nothing to compare with yet."
    )
    assert not drift_report(settings, first.run.as_of).exists()
    for number, other in enumerate(others, 1):
        assert other.report.reference == [sunday(n) for n in range(number)]
        assert other.report.drifted == []
        assert not other.report.drifted_week
        assert {column.column_name for column in other.report.columns} == set(FEATURE_NAMES)
    assert kept(settings) == [sunday(n) for n in range(3)]
    assert [row["drifted_week"] for row in rows(db, "bt_churn_drift_runs")] == [False] * 2
    assert said == []


def test_lasting_drift_asks_for_a_training(
    settings: Settings, week: Week, said: Said, db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    monitor(settings, week(0))

    once = monitor(settings, week(1, drift=0.8))

    drifted = {column.column_name for column in once.report.drifted}
    assert drifted > BEHAVIOUR
    assert not drifted & {"age", "gender_is_female", "has_card"}
    methods = {column.column_name: column.method for column in once.report.columns}
    assert (methods["age"], methods["has_card"]) == ("wasserstein", "jensenshannon")
    assert once.report.drifted_week
    assert not once.logged.lasting
    assert said == []
    assert "mau_mp_1 drifted: " in caplog.text
    (told,) = rows(db, "bt_churn_drift_runs")
    assert told == {
        "run_id": once.run.run_id,
        "snapshot_day": sunday(1),
        "columns": len(FEATURE_NAMES),
        "drifted_columns": len(drifted),
        "drifted_share": len(drifted) / len(FEATURE_NAMES),
        "drifted_week": True,
        "reference_snapshots": [sunday(0)],
        "left_out": [],
        "simulated": False,
        "report": drift_report(settings, sunday(1)).as_uri(),
        "hole": None,
    }
    of_columns = rows(db, "bt_churn_drift")
    assert {row["column_name"] for row in of_columns if row["drifted"]} == drifted
    assert min(row["threshold"] for row in of_columns) >= settings.churn.drift_answers_threshold
    assert_opens_without_network(drift_report(settings, sunday(1)))

    twice = monitor(settings, week(2, drift=0.8))

    assert twice.logged.lasting
    assert twice.logged.handed_over
    assert "2 of the last 2 weeks drifted: churn.drift.lasting." in twice.logged.message
    ((event, payload),) = said
    assert event == "churn.drift.lasting"
    assert set(payload["drifted"]) > BEHAVIOUR

    # Killed after the event, the step is run again: the tables end the same.
    runs, columns = rows(db, "bt_churn_drift_runs"), by_column(rows(db, "bt_churn_drift"))
    run_drift_report(settings, twice.run)
    assert log_drift_result(settings, twice.run) == twice.logged
    assert rows(db, "bt_churn_drift_runs") == runs
    assert by_column(rows(db, "bt_churn_drift")) == columns
    assert kept(settings) == [sunday(n) for n in range(3)]


def test_simulated_drift_is_labelled_and_counts_for_nothing(
    settings: Settings, week: Week, said: Said, db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    monitor(settings, week(0))

    demo = monitor(settings, week(1), simulate_drift=0.5)

    assert demo.report.drifted_week
    assert {"age", "has_card"} <= {column.column_name for column in demo.report.drifted}
    assert not demo.logged.lasting
    assert "SIMULATED" in demo.logged.message
    assert "SIMULATED: age drifted" in caplog.text
    shown = drift_report(settings, sunday(1), simulated=True)
    assert shown.name == "2026-07-05-simulated.html"
    title = "Churn drift as of 2026-07-05, SIMULATED drift of 0.5"
    assert f"<h1>{title}</h1>" in shown.read_text(encoding="utf-8")
    assert not drift_report(settings, sunday(1)).exists()
    assert kept(settings) == [sunday(0)]
    recorded = {row["run_id"]: row["simulated"] for row in rows(db, "bt_churn_drift_runs")}
    assert recorded == {demo.run.run_id: True}
    assert {row["simulated"] for row in rows(db, "bt_churn_drift")} == {True}
    assert said == []


@pytest.mark.long
def test_in_s3_the_page_is_found_from_anywhere(
    settings: Settings, week: Week, said: Said, db: Connection
) -> None:
    with s3_endpoint("mlflow-artifacts") as s3:
        there = {"storage": "s3", "s3": s3, "app_url": "http://app.example"}
        settings = settings.model_copy(update=there)
        monitor(settings, week(0))
        monitored = monitor(settings, week(1))

        address = "s3://mlflow-artifacts/drift-reports/2026-07-05.html"
        assert [row["report"] for row in rows(db, "bt_churn_drift_runs")] == [address]
        assert b"Churn drift as of 2026-07-05" in read_object(settings, address)
        assert list(content(s3, "mlflow-artifacts")) == ["drift-reports/2026-07-05.html"]
        *_, link = report_drift(settings, monitored.run)
        assert link.content == (
            "http://app.example/artifacts/mlflow-artifacts/drift-reports/2026-07-05.html"
        )
        lost = s3.model_copy(update={"bucket_prefix": "no-"})
        with pytest.raises(KpiError, match=r"^Bucket no-mlflow-artifacts of .* does not take"):
            run_drift_report(settings.model_copy(update={"s3": lost}), monitored.run)


@pytest.mark.long
def test_growth_of_history_is_no_drift(
    settings: Settings, week: Week, tmp_path: Path, said: Said, db: Connection
) -> None:
    # On the third Sunday PAYMENTS holds 180 days before the two label windows for the first time.
    first = sunday(2) - timedelta(days=2 * settings.churn.label_days + 179)
    weeks = [
        monitor(settings, with_longer_history(week(number), tmp_path / str(number), first))
        for number in range(4)
    ]

    assert [found.report.lookback_days for found in weeks] == [120, 120, 180, 180]
    assert [found.report.reference for found in weeks] == [[], [sunday(0)], [], [sunday(2)]]
    told = (
        " Features read 180 days of payments now, and another number of days in the snapshots of "
        "2026-06-28, 2026-07-05: these are not compared, for that is no drift."
    )
    assert str(weeks[2].report) == (
        f"There is no snapshot of an earlier week: nothing to compare with yet.{told}"
    )
    assert str(weeks[3].report).endswith(f"the week is quiet.{told}")
    assert [found.report.drifted for found in weeks] == [[], [], [], []]
    assert [row["snapshot_day"] for row in rows(db, "bt_churn_drift_runs")] == [
        sunday(1),
        sunday(3),
    ]
    assert said == []


def test_columns_that_vanish_or_were_never_known(
    settings: Settings, week: Week, tmp_path: Path, caplog: pytest.LogCaptureFixture, said: Said
) -> None:
    monitor(settings, without_cells(week(0), tmp_path / "0", "DEMOGRAFICOS", "GENDER"))
    caplog.clear()

    vanished = without_cells(week(1), tmp_path / "1", "DEMOGRAFICOS", "GENDER", "AGE")
    report = monitor(settings, vanished).report

    assert report.left_out == ["gender_is_female"]
    (age,) = report.drifted
    assert (age.column_name, age.method, age.missing) == ("age", "missing", 1.0)
    assert age.score == pytest.approx(1.0 - age.missing_before)
    assert len(report.columns) == len(FEATURE_NAMES) - 1
    assert "Nothing is known about gender_is_female: left out." in caplog.text
    assert "Of another share of users than before missing: age 7% → 100%." in caplog.text
    assert report.page
    page = read_object(settings, report.page).decode()
    assert "nothing is known about them: gender_is_female." in page
    assert "which counts as drifted: age 7% → 100%." in page
    assert said == []


def test_steps_say_what_they_need(settings: Settings, week: Week) -> None:
    run = plan_drift(settings, source=week(0))
    with pytest.raises(BadInput, match="has no snapshot"):
        run_drift_report(settings, run)
    with pytest.raises(BadInput, match="has no drift report"):
        log_drift_result(settings, run)
    late = plan_drift(settings, sunday(1), source=week(0))
    with pytest.raises(BadInput, match=r"ends on 2026-06-28, .* Run as of 2026-06-28"):
        build_current_snapshot(settings, late)
    assert kept(settings) == []


class _Loaded(HTMLParser):
    """Collects what a page makes a browser load."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.styles: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        loads = {"src", "srcset", "data", "poster"} | (
            {"href"} if tag in {"link", "base"} else set()
        )
        self.addresses += [value or "" for name, value in attributes if name in loads]

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.styles.append(data)


def assert_opens_without_network(page: Path) -> None:
    loaded = _Loaded()
    loaded.feed(page.read_text(encoding="utf-8"))
    assert [address for address in loaded.addresses if not address.startswith("data:")] == []
    styles = "".join(loaded.styles)
    assert "@import" not in styles
    assert {address[:5] for address in re.findall(r"url\(\s*['\"]?([^)]{5})", styles)} == {"data:"}
