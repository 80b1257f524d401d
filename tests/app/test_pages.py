"""Every page, in both languages, with nothing there, with empty tables, and with data."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.folders import drift_report
from flows.platform.storage.layout import data_docs_index
from flows.platform.storage.object_store import path_in_app, put
from flows.platform.warehouse.connection import Connection, execute
from flows.settings import Settings, load_settings
from tests.app.app_pages import Open, said, tables
from tests.churn.handmade_models import Registry
from tests.crypto_rows import add_rows, publish
from tests.s3_endpoint import s3_endpoint

PAGES = {
    "score": "Puntuar",
    "batch": "Lote",
    "model": "Modelo",
    "drift": "Deriva",
    "crypto": "KPI de cripto",
}
OF_THE_WAREHOUSE = ("model", "drift", "crypto")
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
    }
    execute(db, "churn/drift/record_run.sql", verdict | run)
    for place, name in enumerate(FEATURE_NAMES):
        db.execute(
            "INSERT INTO dqm.bt_churn_drift VALUES (%s, %s, %s, 'wasserstein', 0.1, %s, %s, %s)",
            [run["run_id"], day, name, place / 100, place >= 10, run["simulated"]],
        )


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("page", PAGES)
def test_without_a_warehouse_each_page_says_what_is_missing(
    page: str, language: str, open_page: Open
) -> None:
    text = said(open_page(page, language))
    assert ("kpi up" in text) == (page in OF_THE_WAREHOUSE)
    assert ("kpi train" in text) == (page in ("score", "batch", "model"))
    assert text.startswith(PAGES[page] if language == "es" else page.title())


@pytest.mark.parametrize("page", OF_THE_WAREHOUSE)
def test_without_tables_each_page_names_the_command(
    page: str, settings: Settings, db: Connection, open_page: Open
) -> None:
    db.execute("DROP SCHEMA prod, dqm CASCADE")
    assert "The warehouse has no tables yet: `kpi run` makes them." in said(open_page(page))


@pytest.mark.parametrize("page", OF_THE_WAREHOUSE)
def test_a_warehouse_that_is_gone_is_a_sentence(
    page: str, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", "postgresql://kpi:secret@127.0.0.1:9/none")
    text = said(open_page(page))
    assert "The warehouse does not answer: start it with `kpi up`, or correct" in text
    assert "secret" not in text


def test_a_wrong_setting_is_a_sentence(monkeypatch: pytest.MonkeyPatch, open_page: Open) -> None:
    monkeypatch.setenv("KPI_TIME_ZONE", "Mars")
    assert "Wrong setting. KPI_TIME_ZONE: 'Mars' is no time zone" in said(
        open_page("crypto")
    ).replace("\\", "")


def test_with_empty_tables_each_page_says_what_fills_them(
    settings: Settings, open_page: Open
) -> None:
    assert "No version was judged yet: `kpi train` trains one." in said(open_page("model"))
    assert "No week was compared with earlier ones yet: `kpi drift`" in said(open_page("drift"))
    crypto = said(open_page("crypto"))
    assert "Nothing was ever published: `kpi run` publishes." in crypto
    assert "No event is published yet: `kpi run` publishes." in crypto
    assert "No row is set aside" in crypto


def test_in_containers_each_page_names_what_people_have_there(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    monkeypatch.setenv("KPI_APP_COMMANDS", "make")
    assert "No version was judged yet: `make churn-run` trains one." in said(open_page("model"))
    assert "comparó ninguna semana con las anteriores: `make drift-run`" in said(
        open_page("drift", "es")
    )
    assert "Nothing was ever published: `make crypto-run` publishes." in said(open_page("crypto"))


def test_the_ledger_is_shown_newest_first(
    settings: Settings, open_page: Open, tmp_path_factory: pytest.TempPathFactory
) -> None:
    registry = Registry(settings, tmp_path_factory)
    registry.promoted("fair")
    registry.promoted("best")
    app = open_page("model", "es")
    assert "El entrenamiento de esta versión no dejó ficha en MLflow." in said(app)
    (ledger,) = tables(app)
    assert [(row["Versión"], row["Qué"], row["Antes"]) for row in ledger] == [
        ("2", "promovida", "1"),
        ("1", "promovida", "-"),
    ]


def test_card_measures_and_calibration_come_from_the_training(
    settings: Settings, open_page: Open, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    registry = Registry(settings, tmp_path_factory)
    run = registry.logged["good"].mlflow_run_id
    registry.client.log_text(run, "# The card\n\n## Data\n\nOf 2026.", "model_card.md")
    registry.client.log_metric(run, "holdout_roc_auc", 0.8321)
    registry.client.log_metric(run, "holdout_rows", 1779)
    registry.client.set_tag(run, "as_of", "2026-06-30")
    registry.client.log_param(run, "lookback_days", 120)
    registry.promoted("good")
    app = open_page("model")
    text = said(app)
    assert "Model version 1, trained as of 2026-06-30, 0 days old." in text
    assert "Its features read the last 120 days of payments, as in its training." in text
    assert "### The card\n\n#### Data\n\nOf 2026." in text
    measures = {row["Measure"].split(":")[0]: row["Holdout"] for row in tables(app)[0]}
    assert measures["ROC AUC"] == "0.832"
    assert measures["Users measured"] == "1,779"
    assert measures["Brier score"] == "unknown"
    # It measured the holdout, and none of those who paid lately.
    assert {row["Recent"] for row in tables(app)[0]} == {"too few users"}


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
    trend, columns = tables(app)
    assert [row["Data"] for row in trend] == ["Simulated", "Real", "Real"]
    assert columns[0]["Feature"] == "Has a card"
    assert [row["Drifted"] for row in columns] == ["Yes"] * 17 + ["No"] * 10


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


def test_data_docs_are_linked_once_they_are_there(
    settings: Settings, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not open_page("crypto").get("link_button")
    index = data_docs_index(load_settings())
    index.parent.mkdir(parents=True)
    index.touch()
    (link,) = open_page("crypto").get("link_button")
    assert link.proto.url == "/artifacts/ge-artifacts/data_docs/index.html"


def test_what_is_published_is_summed_up(
    settings: Settings, db: Connection, open_page: Open
) -> None:
    add_rows(
        db,
        {"user_id": "1"},
        {"user_id": "2", "site_id": "BRASIL", "purchase_date": "9/3/2025"},
        {"user_id": "3", "crypto_type": "ETH", "purchase_price": "1000", "purchase_units": "0.5"},
    )
    publish(settings)
    db.execute(
        "INSERT INTO dqm.bt_crypto_events_rejects (run_id, raw_id, reason, as_of, source_name,"
        " source_row_number, arrived_at) VALUES ('a', 1, 'site_id_unknown', now(), 'f', 1, now()),"
        " ('b', 1, 'site_id_unknown', now(), 'f', 1, now())"
    )
    app = open_page("crypto")
    text = said(app)
    assert "Fresh: published 0.0 hours ago; at most 26 are fine." in text
    assert "2025-02-09 to 2025-03-10; value is price times units." in text
    assert "Active events: 3" in text
    assert "Value: 80,500" in text
    assert "Most: BRASIL with 40,000." not in text
    assert "Most: ARGENTINA with 40,500." in text
    by_day, by_site, by_asset, rejects, run = tables(app)
    assert [(str(row["Day"]), row["Value"]) for row in by_day] == [
        ("2025-03-09", "40,000.00"),
        ("2025-03-10", "40,500.00"),
    ]
    assert {row["Site"]: row["Active events"] for row in by_site} == {
        "ARGENTINA": "2",
        "BRASIL": "1",
    }
    assert {row["Asset"]: row["Value"] for row in by_asset} == {"BTC": "80,000.00", "ETH": "500.00"}
    assert [(row["Reason"], row["Rows"]) for row in rejects] == [("site_id_unknown", "1")]
    assert {row["What"]: row["How many, or when"] for row in run}["Inserted"] == "3"

    (period,) = app.selectbox
    period.set_value(7).run()
    assert "2025-03-04 to 2025-03-10" in said(app)


def test_a_late_publication_is_told(
    settings: Settings, db: Connection, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_rows(db, {})
    publish(settings)
    moment = datetime.now(UTC) - timedelta(hours=30)
    db.execute("UPDATE dqm.bt_crypto_events_runs SET published_at = %s", [moment])
    assert "Late: published 30.0 hours ago; at most 26 are fine." in said(open_page("crypto"))
    monkeypatch.setenv("KPI_CRYPTO__FRESHNESS_HOURS", "48")
    assert "Fresh: published 30.0 hours ago; at most 48 are fine." in said(open_page("crypto"))


def test_the_language_stays_from_page_to_page(open_page: Open) -> None:
    app = open_page("score", "es")
    assert app.title[0].value == "Puntuar"
    app.switch_page("views/batch.py").run()
    assert app.title[0].value == "Lote"
    assert app.query_params["lang"] == "es"
    app.radio("language").set_value("en").run()
    assert app.title[0].value == "Batch"
    assert "lang" not in app.query_params


def test_an_unknown_language_is_english(open_page: Open) -> None:
    app = open_page("score", "xx")
    assert app.title[0].value == "Score"
