"""The filters of Users at risk, used as people use them."""

from collections.abc import Callable
from datetime import date

from playwright.sync_api import Page, expect

from flows.churn.model.score_users import create_month
from flows.platform.warehouse.connection import Connection, execute
from flows.settings import Settings

DAY = date(2024, 2, 29)


def scores(settings: Settings, db: Connection) -> None:
    """A hundred users, each a percent more likely to churn; every other one is active."""
    create_month(settings, DAY)
    db.execute(
        """INSERT INTO prod.bt_churn_scores
               (as_of, user_id, model_version, probability, active, spent_90d, segment, city)
           SELECT %s, n, '3', n / 100.0 - 0.005, n %% 2 = 0, n,
                  CASE WHEN n > 50 THEN 'Instore' ELSE '*TopUps*' END,
                  CASE WHEN n > 10 THEN 'Lima' END
           FROM generate_series(1, 100) AS n""",
        [DAY],
    )
    execute(db, "churn/model/keep_groups.sql", {"as_of": DAY, "most": 3})


def choose(page: Page, name: str, option: str) -> None:
    page.get_by_role("combobox", name=name).click()
    page.get_by_role("option", name=option, exact=True).click()


def fill(page: Page, name: str, value: str) -> None:
    page.get_by_role("spinbutton", name=name, exact=True).fill(value)
    page.keyboard.press("Enter")


def first_of(page: Page, users: int, first: int) -> None:
    """So many users are chosen, and this one is the first of the table."""
    expect(page.get_by_text(f"of {users} user")).to_be_visible()
    row = page.get_by_role("row").nth(1)
    expect(row.get_by_role("cell").first).to_have_text(str(first))


def test_each_filter_chooses_and_gives_back(
    page: Page, serve: Callable[[Settings], str], settings: Settings, db: Connection
) -> None:
    scores(settings, db)
    page.goto(serve(settings))
    expect(page.get_by_text("Scores as of 2024-02-29, by model version 3")).to_be_visible()
    first_of(page, 50, 100)
    fill(page, "Page, of 2", "2")
    first_of(page, 50, 50)

    page.get_by_text("All", exact=True).first.click()
    first_of(page, 100, 100)
    choose(page, "Segment", "*TopUps*")
    first_of(page, 50, 50)
    choose(page, "City", "Lima")
    first_of(page, 40, 50)
    fill(page, "Spent at least, in 90 days", "20")
    first_of(page, 31, 50)
    fill(page, "Probability at least (%)", "30")
    first_of(page, 20, 50)
    page.get_by_text("Silent for longer", exact=True).click()
    first_of(page, 10, 49)
    fill(page, "Spent at least, in 90 days", "2000")
    expect(page.get_by_text("No user is like that.")).to_be_visible()
    fill(page, "Spent at least, in 90 days", "0")
    choose(page, "Segment", "All")
    choose(page, "City", "All")
    first_of(page, 35, 99)
