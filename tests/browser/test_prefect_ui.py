"""Prefect's own UI, on a local platform: what a data engineer sees of a run."""

import re
from collections.abc import Iterator

import pytest
from local_platform import Platform, running_platform
from playwright.sync_api import Page, expect


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform with one published daily run."""
    home = tmp_path_factory.mktemp("platform") / "kpi"
    with running_platform(home, "worker") as platform:
        platform.run_deployment("crypto-events/daily")
        yield platform


def test_a_run_shows_its_steps_and_artifacts(platform: Platform, page: Page) -> None:
    page.goto(f"{platform.prefect}/flow-runs", wait_until="domcontentloaded")
    page.get_by_role("link", name="crypto-events as of today").first.click()

    expect(page.get_by_text("Completed").first).to_be_visible()
    page.get_by_text("Task Runs", exact=True).click()
    for step in ("build_events_candidate", "ge_validate_candidate", "merge_to_prod"):
        expect(page.get_by_role("link", name=step).first).to_be_visible()
    page.get_by_text("Artifacts", exact=True).click()
    page.get_by_role("link", name=re.compile("crypto-publication")).first.click()
    expect(page.get_by_text("Publication of").first).to_be_visible()


def test_a_deployment_shows_its_parameters_as_a_form(platform: Platform, page: Page) -> None:
    page.goto(f"{platform.prefect}/deployments", wait_until="domcontentloaded")
    for name in ("daily", "on-change", "weekly"):
        expect(page.get_by_role("link", name=name, exact=True).first).to_be_visible()

    page.get_by_role("link", name="backfill", exact=True).click()
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("Custom run").click()

    for explained in ("Last day of the window", "How many days to rebuild", "Publish even when"):
        expect(page.get_by_text(re.compile(explained)).first).to_be_visible()
