"""Prefect's own UI, on a local platform: what a data engineer sees of a run."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.local_platform import Platform, running_platform

pytestmark = pytest.mark.xdist_group("platform")


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform with one published daily run."""
    home = tmp_path_factory.mktemp("platform") / "kpi"
    with running_platform(home, "worker") as platform:
        platform.run_deployment("crypto-events/daily")
        yield platform


@pytest.fixture
def ui(browser: Browser) -> Iterator[Page]:
    """A page for Prefect's UI, whose scripts have errors of their own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def test_a_run_shows_its_steps_and_artifacts(platform: Platform, ui: Page) -> None:
    ui.goto(f"{platform.prefect}/flow-runs", wait_until="domcontentloaded")
    ui.get_by_role("link", name="crypto-events as of today").first.click()

    expect(ui.get_by_text("Completed").first).to_be_visible()
    ui.get_by_text("Task Runs", exact=True).click()
    for step in ("build_events_candidate", "ge_validate_candidate", "merge_to_prod"):
        expect(ui.get_by_role("link", name=step).first).to_be_visible()
    ui.get_by_text("Artifacts", exact=True).click()
    ui.get_by_role("link", name=re.compile("crypto-publication")).first.click()
    expect(ui.get_by_text("Publication of").first).to_be_visible()


def test_a_deployment_shows_its_parameters_as_a_form(platform: Platform, ui: Page) -> None:
    ui.goto(f"{platform.prefect}/deployments", wait_until="domcontentloaded")
    for name in ("daily", "on-change", "weekly"):
        expect(ui.get_by_role("link", name=name, exact=True).first).to_be_visible()

    ui.get_by_role("link", name="backfill", exact=True).click()
    ui.get_by_role("button", name="Run", exact=True).click()
    ui.get_by_text("Custom run").click()

    for explained in ("Last day of the window", "How many days to rebuild", "Publish even when"):
        expect(ui.get_by_text(re.compile(explained)).first).to_be_visible()
