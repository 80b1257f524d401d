"""The app's first page: who is at risk, how many to contact, and what that gains."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.at_risk.chosen import Chosen, contacts
from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.folders import churn_run_folder, scored_with
from flows.churn.model.score_users import create_month
from flows.churn.sources.contract import PAYMENTS
from flows.platform.storage.atomic_files import write_json
from flows.platform.warehouse.connection import Connection, execute
from flows.settings import Settings
from tests.app.app_pages import Open, asked_for, said, tables

DAY = date(2026, 6, 30)


@pytest.fixture(autouse=True)
def scores(settings: Settings, db: Connection) -> None:
    """A hundred users: every other one is active; of a week before, one."""
    for day in (DAY, date(2026, 5, 31)):
        create_month(settings, day)
    db.execute(
        """INSERT INTO prod.bt_churn_scores
               (as_of, user_id, model_version, probability, active, spent_90d, segment, city,
                reasons)
           SELECT %s, n, '3', n / 100.0 - 0.005, n %% 2 = 0, n,
                  CASE WHEN n > 50 THEN 'Instore' ELSE '*TopUps*' END,
                  CASE WHEN n > 10 THEN 'Lima' END, ARRAY['payment_recency_days', 'gone']
           FROM generate_series(1, 100) AS n
           UNION ALL SELECT '2026-05-31', 1, '2', 0.9, true, 1, NULL, NULL, NULL""",
        [DAY],
    )
    execute(db, "churn/model/keep_groups.sql", {"as_of": DAY, "most": 3})
    db.commit()


def number(app: AppTest, key: str) -> float:
    return float(app.number_input(key=f"at risk {key}").value or 0)


def test_the_first_page_ranks_the_active_users_of_the_last_day(open_page: Open) -> None:
    app = open_page("at_risk")
    text = said(app)
    assert text.startswith("Users at risk")
    assert "Scores as of 2026-06-30, by model version 3: the probability of no payment in" in text
    # A tenth of fifty: 100, 98, 96, 94 and 92.
    assert number(app, "capacity") == 5
    assert (
        "**5 of 50 users**, of 92% or more. 5 of them are expected to churn; they spent 480" in text
    )
    (ranked,) = tables(app)
    assert [row["User"] for row in ranked] == [str(user) for user in range(100, 50, -2)]
    assert ranked[0] == {
        "User": "100",
        "Probability of churn": "99.5%",
        "Active": "Yes",
        "Spent in 90 days": "100",
        "Segment": "Instore",
        "City": "Lima",
        "Raised most by": "Days since the last payment; the whole lookback when there is none · "
        "gone",
    }

    app.number_input(key="at risk page").set_value(2).run()
    assert [row["User"] for row in tables(app)[0]] == [str(user) for user in range(50, 0, -2)]

    app.radio(key="at risk who").set_value("all").run()
    assert number(app, "page") == 1
    assert tables(app)[0][0]["User"] == "100"


def test_filters_choose(open_page: Open) -> None:
    app = open_page("at_risk")
    assert app.selectbox(key="at risk segment").options == ["All", "*TopUps*", "Instore"]
    assert app.selectbox(key="at risk city").options == ["All", "Lima"]
    app.radio(key="at risk who").set_value("all").run()
    assert "of 100 users**" in said(app)
    app.selectbox(key="at risk segment").set_value("*TopUps*").run()
    app.selectbox(key="at risk city").set_value("Lima").run()
    app.number_input(key="at risk spent").set_value(20.0).run()
    app.number_input(key="at risk probability").set_value(30).run()
    assert "of 20 users**" in said(app)
    (ranked,) = tables(app)
    assert [row["User"] for row in ranked] == [str(user) for user in range(50, 30, -1)]
    # A delivered word is no Markdown.
    assert ranked[0]["Segment"] == r"\*TopUps\*"
    app.number_input(key="at risk spent").set_value(2000.0).run()
    assert "No user is like that." in said(app)


def test_how_many_follows_from_capacity_budget_or_gain(open_page: Open) -> None:
    app = open_page("at_risk")
    # As the settings have it: 1 keeps 20 in a fifth of the cases, so it pays above 25 %.
    app.radio(key="at risk how").set_value("Largest gain").run()
    assert "**38 of 50 users**" in said(app)
    app.number_input(key="at risk value").set_value(1.0).run()
    assert "Nobody is worth a contact at this cost and value." in said(app)
    app.radio(key="at risk how").set_value("Budget").run()
    app.number_input(key="at risk budget").set_value(0.5).run()
    assert "The budget does not pay for one contact." in said(app)
    assert "worth a contact" not in said(app)
    app.number_input(key="at risk budget").set_value(21.0).run()
    app.number_input(key="at risk cost").set_value(2.0).run()
    assert "**10 of 50 users**" in said(app)
    app.radio(key="at risk how").set_value("Capacity").run()
    app.number_input(key="at risk capacity").set_value(3).run()
    app.number_input(key="at risk value").set_value(100.0).run()
    # 3 users of .995, .975 and .955, a fifth of them kept, less 3 times 2.
    assert "Expected gain: **52**" in said(app)
    app.number_input(key="at risk capacity").set_value(0).run()
    assert "Nobody can be contacted." in said(app)
    assert "worth a contact" not in said(app)


@pytest.mark.parametrize(("days_ago", "told"), [(30, True), (28, False)])
def test_scores_whose_days_are_over_are_told(
    settings: Settings, db: Connection, open_page: Open, days_ago: int, told: bool
) -> None:
    day = datetime.now(settings.zone).date() - timedelta(days=days_ago)
    create_month(settings, day)
    db.execute(
        """INSERT INTO prod.bt_churn_scores (as_of, user_id, model_version, probability, active)
           VALUES (%s, 1, '3', 0.5, true)""",
        [day],
    )
    db.commit()
    text = said(open_page("at_risk"))
    assert f"Scores as of {day}" in text
    late = f"What these scores tell was decided by {day + timedelta(days=30)}: a contact comes too"
    assert (late in text) is told


def test_more_than_files_hold_is_told(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("app.at_risk.controls", "app.at_risk.chosen"):
        monkeypatch.setattr(f"{module}.MOST_CONTACTS", 20)
    app = open_page("at_risk")
    assert "would be contacted" not in said(app)
    app.radio(key="at risk how").set_value("Largest gain").run()
    assert "More than 20 users would be contacted; this page, its gain and its files" in said(app)
    assert "**20 of 50 users**" in said(app)


def labels(app: AppTest) -> list[str]:
    return [number.label for number in app.number_input]


def test_without_a_currency_in_the_contract_amounts_are_bare(open_page: Open) -> None:
    app = open_page("at_risk")
    assert "Amounts are in the currency of PAYMENTS; its contract names none." in said(app)
    assert "Cost of a contact" in labels(app)
    assert "they spent 480 in 90 days. Expected gain: **14**." in said(app)
    assert "Spent in 90 days" in tables(app)[0][0]


def test_the_page_names_the_currency_of_the_contract_beside_each_amount(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = tuple(replace(column, currency="PEN") for column in PAYMENTS.columns)
    monkeypatch.setattr("app.at_risk.money.PAYMENTS", replace(PAYMENTS, columns=columns))
    app = open_page("at_risk")
    app.radio(key="at risk how").set_value("Budget").run()
    app.number_input(key="at risk budget").set_value(5.0).run()
    assert "Amounts are in PEN." in said(app)
    assert "they spent 480 PEN in 90 days. Expected gain: **14 PEN**." in said(app)
    assert {
        "Spent at least, in 90 days (PEN)",
        "Cost of a contact (PEN)",
        "Value of a user who is kept (PEN)",
        "Budget (PEN)",
    } < set(labels(app))
    assert tables(app)[0][0]["Spent in 90 days (PEN)"] == "100"
    (chart,) = app.get("vega_lite_chart")
    assert '"title": "Expected gain (PEN)"' in chart.proto.spec


def test_the_files_hold_who_is_contacted(settings: Settings, open_page: Open) -> None:
    assert len(open_page("at_risk").get("download_button")) == 2
    assert [user["user_id"] for user in contacts(Chosen(DAY), 3)] == [100, 98, 96]


def test_one_user_is_looked_up(open_page: Open) -> None:
    app = open_page("at_risk")
    app.text_input(key="at risk user").set_value("7").run()
    found = tables(app)[1]
    assert [(row["User"], row["Active"], row["City"]) for row in found] == [("7", "No", "-")]
    app.text_input(key="at risk user").set_value("700").run()
    assert "This user was not scored on 2026-06-30." in said(app)
    app.text_input(key="at risk user").set_value("seven").run()
    assert "A user id is a whole number of at most 64 bits." in said(app)


def test_the_longest_id_is_looked_up_as_it_is(db: Connection, open_page: Open) -> None:
    """A browser's own numbers end sooner, and are rounded there."""
    db.execute("UPDATE prod.bt_churn_scores SET user_id = 9223372036854775807 WHERE user_id = 7")
    db.commit()
    app = open_page("at_risk")
    app.text_input(key="at risk user").set_value(" 9223372036854775807 ").run()
    assert [row["User"] for row in tables(app)[1]] == ["9223372036854775807"]
    app.text_input(key="at risk user").set_value("9223372036854775808").run()
    assert "A user id is a whole number of at most 64 bits." in said(app)


def snapshot(settings: Settings, run: str, **known: float) -> None:
    """What a run of that day knows of user 7."""
    folder = churn_run_folder(settings, run) / "snapshot"
    folder.mkdir(parents=True)
    pd.DataFrame([{"user_id": 7, **dict.fromkeys(FEATURE_NAMES), **known}]).astype(
        dict.fromkeys(FEATURE_NAMES, "float64")
    ).to_parquet(folder / "part-00000.parquet")
    built = {"day": str(DAY), "users": 1, "lookback_days": 120}
    write_json(folder.with_name("snapshot.json"), built)


def scored(settings: Settings, run: str, version: str) -> None:
    write_json(scored_with(settings, run), {"as_of": str(DAY), "model_version": version})


def test_a_user_fills_the_form_with_what_was_known(settings: Settings, open_page: Open) -> None:
    """By the run that made the scores: another one described the same day later, and otherwise."""
    snapshot(settings, "scored", mau_mp_1=7.0, payments_last_30d=2.0)
    scored(settings, "scored", version="3")
    snapshot(settings, "before", payments_last_30d=5.0)
    scored(settings, "before", version="2")
    snapshot(settings, "the drift monitor's", payments_last_30d=9.0)
    # As by a release that knew fewer features.
    part = churn_run_folder(settings, "scored") / "snapshot" / "part-00000.parquet"
    pd.read_parquet(part).drop(columns="days_late").to_parquet(part)
    app = open_page("at_risk")
    app.text_input(key="at risk user").set_value("8").run()
    assert "so the form cannot be filled with it." in said(app)
    app.text_input(key="at risk user").set_value("7").run()
    app.button[0].click().run()
    assert app.title[0].value == "Score"
    # The heuristic, without a model, asks for what it reads.
    assert asked_for(app) == {"payment_recency_days": None, "payments_last_30d": 2}
    assert "Filled with user 7, as of 2026-06-30." in said(app)


def test_scores_of_before_it_was_kept_who_is_active_are_shown_among_all(
    db: Connection, open_page: Open
) -> None:
    db.execute("UPDATE prod.bt_churn_scores SET active = NULL, spent_90d = NULL, reasons = NULL")
    db.commit()
    assert "Ningún usuario es así." in said(open_page("at_risk", "es"))
    app = open_page("at_risk")
    app.radio(key="at risk who").set_value("all").run()
    assert tables(app)[0][0]["Active"] == "unknown"
