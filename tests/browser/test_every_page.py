"""Every page with something on it: on a laptop, on a phone, in Spanish, and by keyboard."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from app.churn_model.uploads.upload import template
from benchmarks.app.served import served_app
from flows.churn.features.users_file import read_users
from flows.churn.model.training_users import describe_users
from flows.errors import BadInput
from flows.local.postgres.server import PostgresServer
from flows.platform.warehouse.connection import connect
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings
from tests.browser.instance import furnish
from tests.churn.handmade_models import MODELS, users

# One instance serves them all.
pytestmark = pytest.mark.xdist_group("pages")

PAGES = {
    "": ("Users at risk", "Usuarios en riesgo"),
    "score": ("Score", "Puntuar"),
    "batch": ("Batch", "Lote"),
    "model": ("Model", "Modelo"),
    "drift": ("Drift", "Deriva"),
    "crypto": ("Crypto KPIs", "KPI de cripto"),
}


# A picture that would tell somebody who reads this page.
MARKUP = "![why](https://elsewhere.example/why.png) <b>bold</b>"


@pytest.fixture(scope="module")
def settings(server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a furnished instance."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE kpi_pages")
    made = Settings.model_validate(
        {
            "home": tmp_path_factory.mktemp("home"),
            "database_url": SecretStr(server.url("kpi_pages")),
            "crypto": {"first_year": 2020, "last_year": 2030},
        }
    )
    migrate(made)
    furnish(made, tmp_path_factory)
    with connect(made, "test", autocommit=True) as db:
        db.execute("UPDATE dqm.bt_churn_promotions SET reasons = %s", [[MARKUP]])
    return made


@pytest.fixture(scope="module")
def address(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app, serving that instance."""
    with served_app(settings, tmp_path_factory.mktemp("log") / "app.log") as address:
        yield address


def field(page: Page, name: str):
    return page.get_by_role("spinbutton", name=name, exact=True)


def open_page(page: Page, address: str, path: str = "score", title: str | None = None) -> None:
    """Open a page and wait for its title."""
    page.goto(f"{address}/{path}")
    expected = title or PAGES[path.partition("?")[0]][0]
    expect(page.get_by_role("heading", level=1, name=expected, exact=True)).to_be_visible()


def test_the_first_page_says_whom_to_contact_and_what_that_gains(page: Page, address: str) -> None:
    open_page(page, address, "")
    expect(page.get_by_text("Expected gain:")).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart").locator("svg, canvas").first).to_be_visible()
    expect(page.get_by_role("row", name="Yes").first).to_contain_text("%")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the audience (ids)").click()
    assert download.value.path().read_text().startswith("user_id\n")


def test_a_form_becomes_a_probability_and_its_drivers(page: Page, address: str) -> None:
    open_page(page, address)
    field(page, "Days since the last login to the wallet").fill("")  # unknown
    field(page, "Wallet visits in the last month").fill("2")
    page.get_by_role("button", name="Score", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("counts as churning, which begins at 50%.")
    expect(page.get_by_role("heading", name="What drives it")).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart").locator("svg, canvas").first).to_be_visible()
    page.get_by_text("Every driver as a table").click()
    row = page.get_by_role("row", name="Wallet visits in the last month")
    expect(row).to_contain_text("raises churn")


def test_the_keyboard_is_enough_to_score(page: Page, address: str) -> None:
    open_page(page, address)
    wanted = field(page, "Days since the last login to the wallet")
    expect(wanted).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Control+a")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stMetric")).to_contain_text("%")
    expect(wanted).to_have_value("7")


def test_a_good_file_is_scored_and_downloaded(
    page: Page, address: str, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "march.csv"
    file.write_text(template(settings.churn), encoding="utf-8")
    open_page(page, address, "batch")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("Users scored: 2;")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the scores (CSV)").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0] == ("user_id,churn_probability,counts_as_churning,strongest_driver,scored_by")
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "2"]
    assert all(line.endswith(",version 1") for line in lines[1:])
    with page.expect_download() as download:
        page.get_by_role("button", name="Download a template (CSV)").click()
    typical = describe_users(users(), MODELS["good"])
    assert download.value.path().read_text(encoding="utf-8") == template(settings.churn, typical)


def test_a_bad_file_is_refused_in_the_pipelines_words(
    page: Page, address: str, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "march.csv"
    file.write_text(template(settings.churn).replace("\n1,", "\nx,"), encoding="utf-8")
    with pytest.raises(BadInput) as pipeline:
        read_users(settings, file)
    open_page(page, address, "batch")
    page.locator("input[type=file]").set_input_files(file)
    # Whoever uploads a file sees what its cells hold.
    expect(page.get_by_text(pipeline.value.in_full)).to_be_visible()
    assert "column user_id: 1 cell is no whole number (row 1 'x')" in pipeline.value.in_full
    expect(page.get_by_role("button", name="Download the scores (CSV)")).to_have_count(0)


def test_the_model_page_has_card_calibration_and_history(page: Page, address: str) -> None:
    open_page(page, address, "model")
    expect(
        page.get_by_text("Model version 1, trained as of 2026-06-30, 0 days old.")
    ).to_be_visible()
    expect(page.get_by_role("img", name="Predicted against observed churn")).to_be_visible()
    expect(page.get_by_text("It knows nothing of holidays.")).to_be_visible()
    expect(page.get_by_role("row", name="promoted")).to_contain_text("1")
    expect(page.get_by_role("row", name="promoted")).to_contain_text(MARKUP)


def test_no_page_loads_or_sends_anything_elsewhere(page: Page, address: str) -> None:
    open_page(page, address, "model")
    # Whatever a page comes to hold: the browser itself refuses, so nobody is asked.
    refused = page.evaluate(
        """() => new Promise((done) => {
          document.addEventListener("securitypolicyviolation", (event) => done(event.blockedURI));
          const picture = document.createElement("img");
          picture.src = "https://elsewhere.example/a.png";
          document.body.append(picture);
        })"""
    )
    assert refused.startswith("https://elsewhere.example")


def test_the_drift_report_is_shown_on_demand(page: Page, address: str) -> None:
    open_page(page, address, "drift")
    expect(page.get_by_text("The week counts as drifted.")).to_be_visible()
    expect(page.get_by_role("row", name="Wallet visits in the last month")).to_contain_text("Yes")
    expect(page.locator("iframe")).to_have_count(0)
    page.get_by_text("Show the report here").click()
    report = page.frame_locator("iframe")
    expect(report.get_by_text("Share of Drifted Columns", exact=True).first).to_be_visible()
    # Its scripts run, and reach neither the app nor anybody else.
    assert page.frames[-1].evaluate("origin") == "null"


def test_the_crypto_kpis_have_tables_beside_their_charts(page: Page, address: str) -> None:
    open_page(page, address, "crypto")
    expect(page.get_by_text("Fresh: published")).to_be_visible()
    expect(page.get_by_test_id("stMetric").filter(has_text="Active events")).to_contain_text("3")
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(3)
    page.get_by_text("Value by site as a table").click()
    expect(page.get_by_role("row", name="BRASIL")).to_contain_text("40,000.00")
    expect(page.get_by_role("row", name="Raw rows")).to_contain_text("3")


def test_spanish_stays_in_the_address(page: Page, address: str) -> None:
    open_page(page, address)
    page.get_by_role("radio", name="Español").check(force=True)
    expect(page.get_by_role("heading", level=1, name="Puntuar")).to_be_visible()
    expect(page).to_have_url(f"{address}/score?lang=es")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.get_by_role("link", name="Lote").click()
    expect(page.get_by_role("heading", level=1, name="Lote")).to_be_visible()
    expect(page).to_have_url(f"{address}/batch?lang=es")
    page.reload()
    expect(page.get_by_role("heading", level=1, name="Lote")).to_be_visible()
    expect(page.get_by_role("radio", name="Español")).to_be_checked()


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_shows_every_page_without_scrolling_sideways(
    phone: Page, address: str, path: str
) -> None:
    open_page(phone, address, f"{path}?lang=es", PAGES[path][1])
    expect(phone.get_by_test_id("stStatusWidget")).to_have_count(0)
    width = "element => element.scrollWidth"
    assert phone.get_by_test_id("stMain").evaluate(width) <= 390
    assert phone.locator("html").evaluate(width) <= 390


def test_a_phone_scores(phone: Page, address: str) -> None:
    open_page(phone, address)
    phone.get_by_role("button", name="Score", exact=True).click()
    expect(phone.get_by_test_id("stMetric")).to_contain_text("%")


@pytest.mark.parametrize("path", PAGES)
def test_everything_has_a_name_and_headings_are_in_order(
    page: Page, address: str, path: str
) -> None:
    open_page(page, address, path)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    for group in page.locator("summary").all():
        group.click()
    unnamed = page.locator("input, select, textarea").evaluate_all(
        "all => all.filter(e => !e.ariaLabel && !e.labels?.length"
        " && !e.getAttribute('aria-labelledby')).map(e => e.outerHTML)"
    )
    assert unnamed == []
    levels = page.locator("h1, h2, h3, h4, h5").evaluate_all("all => all.map(e => +e.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
