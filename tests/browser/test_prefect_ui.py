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
    page.goto(f"{platform.prefect}/flow-runs")
    page.get_by_role("link", name=re.compile("crypto-events as of today")).first.click()

    expect(page.get_by_text("Completed").first).to_be_visible()
    page.get_by_role("tab", name="Task Runs").click()
    for step in ("build_events_candidate", "ge_validate_candidate", "merge_to_prod"):
        expect(page.get_by_text(step).first).to_be_visible()
    page.get_by_role("tab", name="Artifacts").click()
    expect(page.get_by_text("crypto-publication").first).to_be_visible()


def test_the_deployments_show_their_schedules_and_forms(platform: Platform, page: Page) -> None:
    page.goto(f"{platform.prefect}/deployments")

    for name in ("daily", "backfill", "on-change", "weekly"):
        expect(page.get_by_role("link", name=name, exact=True).first).to_be_visible()
    page.get_by_role("link", name="backfill", exact=True).click()
    page.get_by_role("button", name=re.compile("Run")).first.click()
    page.get_by_text("Custom run").click()
    expect(page.get_by_text("How many days to rebuild").first).to_be_visible()
    expect(page.get_by_text(re.compile("Last day of the window")).first).to_be_visible()
