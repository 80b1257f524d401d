"""The Production model changes while a page is open."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from flows.settings import Settings
from tests.churn.handmade_models import Registry

Serve = Callable[[Settings], str]


def score(page: Page) -> str:
    """Press Score and return the probability that is shown."""
    page.get_by_role("button", name="Score", exact=True).click()
    metric = page.get_by_test_id("stMetricValue")
    expect(metric).to_contain_text("%")
    return metric.inner_text()


def test_an_open_page_goes_over_to_the_version_that_is_promoted(
    page: Page, serve: Serve, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    registry = Registry(settings, tmp_path_factory)
    registry.promoted("fair")
    page.goto(f"{serve(settings)}/score")
    expect(page.get_by_text("Model version 1, 0 days old.")).to_be_visible()
    visits = page.get_by_role("spinbutton", name="Wallet visits in the last month")
    visits.fill("20")
    score(page)
    visits.fill("19")  # not sent yet

    registry.promoted("best")

    expect(page.get_by_text("Version 2 became Production while this page was open")).to_be_visible()
    expect(page.get_by_text("Model version 2, 0 days old.")).to_be_visible()
    expect(page.get_by_text("What you found here stays")).to_be_visible()
    new = page.get_by_role("spinbutton", name="Days since the last login to the wallet")
    expect(new).to_have_value("")
    expect(visits).to_have_value("19")


def test_an_open_page_has_its_first_model_when_there_is_one(
    page: Page, serve: Serve, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page.goto(f"{serve(settings)}/score")
    banner = page.get_by_role("alert").filter(has_text="Heuristic, not a model.")
    expect(banner).to_be_visible()
    assert score(page) == "50.0%"

    Registry(settings, tmp_path_factory).promoted("good")

    expect(page.get_by_text("Version 1 became Production while this page was open")).to_be_visible()
    expect(banner).to_have_count(0)


def test_a_page_of_the_warehouse_says_what_is_missing(page: Page, serve: Serve) -> None:
    address = serve(Settings())
    for path in ("", "model", "drift", "crypto"):
        page.goto(f"{address}/{path}")
        expect(
            page.get_by_text("There is no warehouse to read from: kpi up starts")
        ).to_be_visible()
