"""Every page, in both languages, with nothing there, with empty tables, and with data."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.platform.storage.layout import data_docs_index
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings, load_settings
from tests.app.app_pages import Open, said, tables
from tests.churn.handmade_models import Registry
from tests.crypto_rows import add_rows, publish

PAGES = {
    "at_risk": "Usuarios en riesgo",
    "score": "Puntuar",
    "batch": "Lote",
    "model": "Modelo",
    "drift": "Deriva",
    "crypto": "KPI de cripto",
}
OF_THE_WAREHOUSE = ("at_risk", "model", "drift", "crypto")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("page", PAGES)
def test_without_a_warehouse_each_page_says_what_is_missing(
    page: str, language: str, open_page: Open
) -> None:
    text = said(open_page(page, language))
    assert ("kpi up" in text) == (page in OF_THE_WAREHOUSE)
    assert ("kpi train" in text) == (page in ("score", "batch", "model"))
    english = "Users at risk" if page == "at_risk" else page.title()
    assert text.startswith(PAGES[page] if language == "es" else english)


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
    assert "Nobody was scored yet: `kpi score` scores every user." in said(open_page("at_risk"))
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
    Registry(settings, tmp_path_factory, ["fair", "best"])
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
