"""Prefect's own UI, on a local platform: what a data engineer sees of a run."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from flows.local.machine import LOOPBACK, wait_until
from tests.local_platform import PATIENCE, Platform, running_platform

pytestmark = pytest.mark.xdist_group("platform")

# What a page may try: read an answer, write without asking first, hold a socket open.
TRIED = """
async (api) => {
  const told = (promise) => promise.then(() => "answered", () => "refused");
  const read = await told(fetch(`${api}/version`));
  const planted = { method: "POST", mode: "no-cors", body: JSON.stringify({ name: "planted" }) };
  await told(fetch(`${api}/flows/`, planted));
  const socket = await told(new Promise((opened, failed) => {
    const events = new WebSocket(`${api.replace("http", "ws")}/events/in`);
    events.onopen = opened;
    events.onerror = failed;
  }));
  return [read, socket];
}
"""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform with one published daily run."""
    home = tmp_path_factory.mktemp("platform") / "kpi"
    with running_platform(home, "worker") as platform:
        platform.complete("crypto-events/daily")
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


def test_what_is_switched_there_is_switched(platform: Platform, ui: Page) -> None:
    def weekly() -> bool:
        found = platform.api("GET", "/deployments/name/churn-drift-monitor/weekly")
        return bool(found["paused"])

    before = weekly()
    ui.goto(f"{platform.prefect}/deployments", wait_until="domcontentloaded")
    named = ui.get_by_role("row").filter(has=ui.get_by_role("link", name="weekly", exact=True))
    row = named.filter(has_text="At 07:00 AM")

    row.get_by_role("switch").click()

    assert wait_until(lambda: weekly() != before, PATIENCE)


def test_a_page_of_another_site_gets_no_answer(
    platform: Platform, ui: Page, tmp_path: Path
) -> None:
    api = f"{platform.prefect}/api"
    with served(tmp_path) as another_site:
        ui.goto(another_site)
        assert ui.evaluate(TRIED, api) == ["refused", "refused"]
    ui.goto(f"{api}/version")
    assert ui.evaluate(TRIED, api) == ["answered", "answered"]

    flows = {flow["name"] for flow in platform.api("POST", "/flows/filter", {})}
    assert "crypto-events" in flows
    assert "planted" not in flows


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder as somebody else would on this machine, and yield its address."""
    handler = partial(SimpleHTTPRequestHandler, directory=folder)
    with ThreadingHTTPServer((LOOPBACK, 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{LOOPBACK}:{server.server_port}"
        server.shutdown()
