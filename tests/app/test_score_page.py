"""The Score page: form, probability, drivers; with a model, without one, and when it changes."""

from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.churn_model import which_version
from app.churn_model.form.usual import usual_users
from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.model.logged.registry import experiment_id, register_version
from flows.churn.production.in_mlflow import set_in_mlflow
from flows.churn.production.truth import production_version
from flows.churn.promotion.accept import accept
from flows.forgetting.forget import forget
from flows.platform.tracking.client import mlflow_client
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.app.app_pages import Open, asked_for, said, tables
from tests.churn.handmade_models import MODELS, Registry, users, with_churn
from tests.churn.tampering import change_coefficients, files_of, put_code_there
from tests.forgetting.trained import train, typical_user


@pytest.fixture
def registry(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """MLflow with models logged; none is Production."""
    return Registry(settings, tmp_path_factory)


def fill(app: AppTest, **features: int) -> AppTest:
    """Fill the form with the features, leave every other empty, and send it."""
    assert set(features) <= set(asked_for(app))
    for found in (*app.number_input, *app.radio):
        name = str(found.key).removeprefix("feature ")
        if name in asked_for(app):
            found.set_value(features.get(name))
    return send(app)


def send(app: AppTest) -> AppTest:
    """Send the form as it stands."""
    return app.button[0].click().run()


def test_a_user_has_the_models_probability(registry: Registry, open_page: Open) -> None:
    registry.promoted("best")
    app = fill(open_page("score"), mau_mp_1=3, age=80)

    known = pd.DataFrame([dict.fromkeys(FEATURE_NAMES) | {"mau_mp_1": 3, "age": 80}])
    probability = MODELS["best"].probabilities(known.astype(float))[0]
    assert f"Probability of churn: {probability:.1%}" in said(app)
    assert f"{probability:.1%}: counts as churning, which begins at 50%." in said(app)
    assert "Model version 1, 0 days old." in said(app)
    assert "Raised most by: Age (80), Wallet visits in the last month (3)." in said(app)
    assert not app.warning[0].value.startswith("**Heuristic")
    drivers = tables(app)[0]
    assert [row["Feature"] for row in drivers] == [
        "Age",
        "Wallet visits in the last month",
        "Days since the last login to the wallet",
    ]
    assert drivers[0]["Effect"] == "raises churn"
    assert drivers[2]["Value"] == "Unknown"


def test_without_a_model_a_heuristic_says_what_it_is(settings: Settings, open_page: Open) -> None:
    app = open_page("score")
    assert asked_for(app) == {"payment_recency_days": None, "payments_last_30d": None}
    assert "The heuristic asks for what it reads. Nothing is filled in." in said(app)
    send(app)
    assert "Nothing is known of this user: fill in what you know." in said(app)
    assert {row["Effect"] for row in tables(app)[0]} == {"changes nothing"}
    fill(app, payment_recency_days=90, payments_last_30d=3)
    assert app.warning[0].value.startswith("**Heuristic, not a model.** There is no Production")
    assert "Probability of churn: 82.5%" in said(app)
    # Only to look did not make a registry.
    assert not (settings.home / "mlflow").exists()


def test_a_user_that_cannot_be_is_not_scored(registry: Registry, open_page: Open) -> None:
    registry.production("payments")
    app = fill(open_page("score"), payments_last_7d=5, payments_last_30d=2)
    assert [error.value for error in app.error] == [
        "This user cannot be: “Payments in the last 7 days” (5) is more than “Payments in the "
        "last 30 days” (2), which contains it. Correct one of them."
    ]
    assert not app.metric


def test_the_next_run_uses_the_version_that_was_promoted(
    registry: Registry, open_page: Open
) -> None:
    registry.promoted("fair")
    app = fill(open_page("score"), mau_mp_1=3)
    assert "Model version 1," in said(app)
    assert [row["Feature"] for row in tables(app)[0]] == ["Wallet visits in the last month"]
    registry.promoted("best")
    which_version.verdict.clear()

    app.run()

    assert "Model version 2," in said(app)
    assert "Version 2 became Production while this page was open, and is in use." in said(app)
    known = pd.DataFrame([{"mau_mp_1": 3.0}])
    assert app.metric[0].value == f"{MODELS['best'].probabilities(known)[0]:.1%}"
    assert "Age" in [row["Feature"] for row in tables(app)[0]]
    # What stood in the form stays; it is no typical user of the new version.
    assert asked_for(app) == {"mau_mp_1": 3, "login_recency_days": None, "age": None}
    assert "What you found here stays, and what this version asks as well is unknown" in said(app)
    assert set(asked_for(open_page("score"))) == {"mau_mp_1", "login_recency_days", "age"}


def test_nobody_is_typical_who_asked_to_be_forgotten(
    settings: Settings, open_page: Open, db: Connection, tmp_path: Path
) -> None:
    client = mlflow_client(settings)
    run = train(settings, tmp_path / "training", users())
    (model,) = client.search_logged_models([experiment_id(settings, client)])
    accept(settings, register_version(client, model.model_uri, run, ""), why="by hand")
    assert None not in asked_for(open_page("score")).values()

    done = forget(settings, str(typical_user()), why="asked for it", by="ana")

    assert ("MLflow: typical users", 1) in {(each.place, each.found) for each in done.traces}
    usual_users.clear()  # as after ten minutes
    app = open_page("score")
    assert set(asked_for(app).values()) == {None}
    assert "the typical user of this training asked to be forgotten" in said(app)
    assert "el usuario típico de este entrenamiento pidió" in said(open_page("score", "es"))
    assert "Probability of churn" in said(fill(app, mau_mp_1=3, age=30))


def test_what_somebody_does_in_mlflow_is_told_and_in_use_when_the_ledger_knows_it(
    registry: Registry, open_page: Open, db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_CHURN__CHANGES_IN_MLFLOW", "follow")
    registry.promoted("fair")
    registry.evaluated("best")
    registry.client.set_registered_model_alias("churn-model", "production", "2")
    app = open_page("score")
    assert "Model version 1," in said(app)
    assert app.warning[0].value == (
        "Somebody made version 2 Production in MLflow: its stage says 1, its alias 2, the ledger "
        "1. It is in use here once the next training, scoring or rollback wrote it to the ledger."
    )
    assert "Alguien pasó la versión 2 a Producción" in said(open_page("score", "es"))
    # Only to look changed nothing.
    assert registry.stages() == {"1": "Production", "2": "None"}

    production_version(with_churn(registry.settings, changes_in_mlflow="follow"))
    which_version.verdict.clear()
    app.run()
    assert "Model version 2," in said(app)
    assert "Somebody" not in said(app)
    assert "promoted by hand" in [row["What"] for row in tables(open_page("model"))[0]]

    db.execute("DROP SCHEMA dqm CASCADE")
    which_version.verdict.clear()
    told = said(open_page("score"))
    assert "Model version 2," in told
    assert "The promotion ledger cannot be read: what it said last is in use." in told
    st.cache_resource.clear()  # as in an app that was started since
    which_version.verdict.clear()
    told = said(open_page("score"))
    assert "Model version" not in told
    assert "The promotion ledger cannot be read: no model is in use, because MLflow alone" in told


def test_a_version_that_the_ledger_does_not_know_is_not_in_use(
    registry: Registry, open_page: Open
) -> None:
    registry.promoted("fair")
    registry.evaluated("best")
    set_in_mlflow(registry.client, "2")
    app = open_page("score")
    assert "Model version 1," in said(app)
    assert app.warning[0].value == (
        "Somebody made version 2 Production in MLflow: its stage says 2, its alias 2, the ledger "
        "1. It is not in use here; the next training, scoring or rollback takes it back."
    )


@pytest.mark.parametrize("page", ["score", "batch", "model"])
def test_changed_coefficients_are_refused(registry: Registry, open_page: Open, page: str) -> None:
    registry.promoted("fair")
    with files_of(registry, "fair") as folder:
        change_coefficients(folder)
        app = open_page(page)
    (error,) = app.error
    assert error.value.startswith("Version 1 of churn-model is refused: its coefficients.json in")
    assert "Model version 1" not in said(app)
    assert not app.metric


def test_code_in_mlflow_is_not_run_to_score(
    registry: Registry, open_page: Open, tmp_path: Path
) -> None:
    registry.promoted("fair")
    with files_of(registry, "fair") as folder:
        put_code_there(folder, tmp_path / "it ran")
        app = fill(open_page("score"), mau_mp_1=3)
    probability = MODELS["fair"].probabilities(pd.DataFrame([{"mau_mp_1": 3.0}]))[0]
    assert app.metric[0].value == f"{probability:.1%}"
    assert not (tmp_path / "it ran").exists()


def test_a_version_of_before_hashes_were_kept_stays_in_use_and_is_told(
    registry: Registry, open_page: Open, db: Connection
) -> None:
    registry.promoted("fair")
    db.execute("UPDATE dqm.bt_churn_promotions SET model_sha256 = NULL")
    app = open_page("score")
    assert "Model version 1," in said(app)
    assert "Version 1 was promoted before its SHA-256 was kept: the next training" in said(app)


def test_what_the_settings_refuse_is_not_in_use(registry: Registry, open_page: Open) -> None:
    registry.promoted("fair")
    registry.client.delete_registered_model_alias("churn-model", "production")
    app = open_page("score")
    assert "Model version 1," in said(app)
    assert app.warning[0].value == (
        "Somebody left MLflow without its Production, version 1: its stage says 1, its alias none, "
        "the ledger 1. It is not in use here; the next training, scoring or rollback takes it back."
    )


def test_an_older_models_feature_is_shown_by_its_name(registry: Registry, open_page: Open) -> None:
    registry.promoted("old")
    app = fill(open_page("score"), mau_mp_1=3)
    assert "visits_to_help" in [row["Feature"] for row in tables(app)[0]]


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_form_is_filled_with_a_user_of_the_training(
    registry: Registry, open_page: Open, language: str
) -> None:
    registry.promoted("best")
    app = open_page("score", language)
    typical = asked_for(app)

    # Nothing else is asked, and somebody is like this.
    assert (
        list(typical) == MODELS["best"].feature_names == ["mau_mp_1", "login_recency_days", "age"]
    )
    assert (users()[list(typical)] == pd.Series(typical)).all(axis=1).any()
    told = {"en": "typical user: of the 500 of the", "es": "un usuario típico: de los 500 del"}
    assert told[language] in said(app)
    (visits,) = (found for found in app.number_input if found.key == "feature mau_mp_1")
    usual = {"en": "usually 0 to 30. Empty", "es": "lo habitual es de 0 a 30. Vacío"}
    assert usual[language] in visits.help

    send(app)

    probability = MODELS["best"].probabilities(pd.DataFrame([typical], dtype=float))[0]
    assert app.metric[0].value == f"{probability:.1%}"
    assert not app.error
    assert all("usual" not in warning.value for warning in app.warning)
    assert all("habitual" not in warning.value for warning in app.warning)


def test_what_the_training_has_hardly_seen_is_told(registry: Registry, open_page: Open) -> None:
    registry.promoted("best")
    app = fill(open_page("score"), mau_mp_1=3, age=95)
    assert (
        "“Age” is 95; usual is 19 to 78. The model has met few such users: trust it less."
        in said(app)
    )


def test_an_older_model_fills_nothing_and_says_why(registry: Registry, open_page: Open) -> None:
    registry.promoted("old")
    app = open_page("score")
    assert asked_for(app) == {"mau_mp_1": None}
    assert "this version was trained before typical users and usual ranges were kept" in said(app)
    assert app.number_input[0].help == "`mau_mp_1`. Empty means unknown."
    fill(app, mau_mp_1=90)
    assert "usual is" not in said(app)


def test_a_version_that_does_not_load_is_a_sentence(
    registry: Registry, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.promoted("fair")
    monkeypatch.setenv("KPI_MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    app = open_page("score")
    assert "MLflow does not answer at http://127.0.0.1:9 (ConnectError). Start it, or" in said(app)
