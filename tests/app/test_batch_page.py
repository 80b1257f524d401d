"""What the batch page says of a file: scores, too long, busy, and of another model's scores."""

import pytest
from streamlit.testing.v1 import AppTest

from app.churn_model.uploads.scored_upload import _TURNS
from app.churn_model.uploads.upload import template
from app.churn_model.which_version import verdict
from flows.settings import Settings
from flows.settings.churn import ChurnSettings
from tests.app.app_pages import Open, said, tables
from tests.churn.handmade_models import Registry


def uploaded(app: AppTest, name: str, content: str) -> AppTest:
    return app.file_uploader[0].set_value((name, content.encode(), "text/csv")).run()


def test_a_file_is_scored_and_let_go_of(open_page: Open) -> None:
    app = uploaded(open_page("batch"), "march.csv", template(ChurnSettings()))
    assert "Users scored: 2; counting as churning: 2." in said(app)
    # A click anywhere runs the page again, when the file's content is no longer there.
    assert "Users scored: 2; counting as churning: 2." in said(app.run())
    assert app.session_state["uploaded file"].getbuffer().nbytes == 0
    other = uploaded(app, "april.csv", template(ChurnSettings()).replace("\n2,", "\n1,"))
    assert "Users scored: 1;" in said(other)


def test_a_file_that_is_too_long_is_told(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_UPLOAD_ROWS", "1")
    app = open_page("batch")
    assert "At most 1 users and " in said(app)
    text = said(uploaded(app, "march.csv", template(ChurnSettings())))
    assert "march.csv has 2 rows; the app scores at most 1 (KPI_UPLOAD_ROWS) at a time." in text
    assert text in said(app.run())


def test_while_others_are_scored_it_is_asked_for_again(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_UPLOAD_PATIENCE_SECONDS", "1")
    app = open_page("batch")
    with _TURNS.turn(0, lambda _: None):
        text = said(uploaded(app, "march.csv", template(ChurnSettings())))
    assert "nothing was done with this one: upload it again in a moment." in text
    assert "Users scored: 2;" in said(uploaded(app, "march.csv", template(ChurnSettings())))


def test_scores_of_the_model_before_are_told(
    settings: Settings, open_page: Open, tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = uploaded(open_page("batch"), "march.csv", template(ChurnSettings()))
    assert "These scores are of before the change" not in said(app)
    Registry(settings, tmp_path_factory).production("good")
    verdict.clear()
    text = said(app.run())
    assert "These scores are of before the change: upload the file again" in text
    assert "Users scored: 2; counting as churning: 2." in text


def test_what_is_left_out_is_not_asked_for(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked_for() -> set[str]:
        (columns,) = tables(open_page("batch"))
        return {row["Column"] for row in columns}

    everything = asked_for()
    monkeypatch.setenv("KPI_CHURN__SENSITIVE_FEATURES", "leave_out")
    assert everything - asked_for() == {"age", "gender_is_female"}
    without = template(ChurnSettings(sensitive_features="leave_out"))
    assert "age" not in without.splitlines()[0].split(",")
    text = said(uploaded(open_page("batch"), "march.csv", without))
    assert "Users scored: 2; counting as churning: 2." in text
