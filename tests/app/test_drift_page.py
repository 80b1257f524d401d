"""The drift page: the verdict of the latest week, its columns, and the report where it is kept."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.folders import drift_report
from flows.platform.storage.object_store import path_in_app, put
from flows.platform.warehouse.connection import Connection, execute
from flows.settings import Settings
from tests.app.app_pages import Open, said, tables
from tests.s3_endpoint import s3_endpoint

FIRST = date(2026, 6, 7)


def record_drift(db: Connection, day: date, drifted: int, **other: object) -> None:
    """Record a comparison of that day in which so many columns drifted."""
    run = {"run_id": f"{day} {other}", "snapshot_day": day, "simulated": False} | other
    verdict = {
        "columns": len(FEATURE_NAMES),
        "drifted_columns": drifted,
        "drifted_share": drifted / len(FEATURE_NAMES),
        "drifted_week": drifted > 5,
        "reference_snapshots": [day - timedelta(days=7)],
        "left_out": ["age"],
        "report": "/nowhere/report.html",
        "hole": None,
    }
    execute(db, "churn/drift/record_run.sql", verdict | run)
    for place, name in enumerate(FEATURE_NAMES):
        db.execute(
            "INSERT INTO dqm.bt_churn_drift VALUES (%s, %s, %s, 'wasserstein', 0.1, %s, %s, %s)",
            [run["run_id"], day, name, place / 100, place >= 10, run["simulated"]],
        )


def test_the_verdict_is_of_the_latest_real_week(
    settings: Settings, db: Connection, open_page: Open
) -> None:
    record_drift(db, date(2026, 6, 7), 0)
    record_drift(db, date(2026, 6, 14), 17)
    record_drift(db, date(2026, 6, 21), 20, simulated=True)
    app = open_page("drift")
    text = said(app)
    share = f"17 of {len(FEATURE_NAMES)} columns had drifted ({17 / len(FEATURE_NAMES):.0%})"
    assert f"On 2026-06-14, {share}. The week counts as drifted." in text
    assert "The report cannot be read from here; it was written to /nowhere/report.html." in text
    assert "Left out, because nothing is known of them: Age." in text
    assert "Crosses" not in text
    trend, columns = tables(app)
    assert [row["Data"] for row in trend] == ["Simulated", "Real", "Real"]
    assert columns[0]["Feature"] == "Has a card"
    assert [row["Drifted"] for row in columns] == ["Yes"] * (len(FEATURE_NAMES) - 10) + ["No"] * 10


def test_a_week_whose_payments_have_a_hole_is_not_comparable(
    db: Connection, open_page: Open
) -> None:
    record_drift(db, date(2026, 6, 7), 17)
    record_drift(db, date(2026, 6, 14), 17, drifted_week=False, hole="days are missing")
    app = open_page("drift")
    assert "The week is not comparable, and counts for nothing: days of payments are" in said(app)
    assert "Crosses are not comparable" in said(app)
    trend, _ = tables(app)
    assert [row["Counts as drifted"] for row in trend] == ["Not comparable", "Yes"]


def older_versions(settings: Settings, page: Path) -> str:
    """What they recorded of a report."""
    return str(page)


@pytest.mark.parametrize("recorded", [put, older_versions])
def test_the_report_is_read_where_it_was_kept(
    recorded: Callable[[Settings, Path], str], settings: Settings, db: Connection, open_page: Open
) -> None:
    page = drift_report(settings, FIRST)
    page.parent.mkdir(parents=True)
    page.write_text("<h1>By Evidently", encoding="utf-8")
    record_drift(db, FIRST, 0, report=recorded(settings, page))

    assert_report_is_shown(open_page, settings, page)


def test_a_report_that_is_kept_elsewhere_is_offered_alone(
    settings: Settings, db: Connection, open_page: Open, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    page.write_text("<h1>By somebody", encoding="utf-8")
    record_drift(db, FIRST, 0, report=str(page))

    app = open_page("drift")

    assert len(app.get("download_button")) == 1
    assert not app.toggle


def test_the_report_is_read_from_s3(
    settings: Settings, db: Connection, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3_endpoint("mlflow-artifacts") as s3:
        in_s3 = settings.model_copy(update={"storage": "s3", "s3": s3})
        assert s3.secret_access_key
        monkeypatch.setenv("KPI_STORAGE", "s3")
        monkeypatch.setenv("KPI_S3__ENDPOINT_URL", str(s3.endpoint_url))
        monkeypatch.setenv("KPI_S3__ACCESS_KEY_ID", str(s3.access_key_id))
        monkeypatch.setenv("KPI_S3__SECRET_ACCESS_KEY", s3.secret_access_key.get_secret_value())
        page = drift_report(in_s3, date(2026, 6, 14))
        page.parent.mkdir(parents=True)
        page.write_text("<h1>By Evidently", encoding="utf-8")
        record_drift(db, date(2026, 6, 14), 0, report=put(in_s3, page))
        page.unlink()
        assert_report_is_shown(open_page, in_s3, page)


def assert_report_is_shown(open_page: Open, settings: Settings, page: Path) -> None:
    """Open the page with the report, and find it there, by the route of all such pages."""
    app = open_page("drift")
    assert "cannot be read" not in said(app)
    (shown,) = app.toggle
    shown.set_value(True).run()
    said(app)
    (frame,) = app.get("iframe")
    assert (frame.proto.src, frame.proto.srcdoc) == (path_in_app(settings, page), "")
