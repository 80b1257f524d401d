"""Data Docs in a browser without internet: from a folder, from S3, and in the app."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from flows.platform.quality.great_expectations import Check, build_data_docs, run_suite
from flows.platform.storage.layout import data_docs_index
from flows.platform.storage.object_store import path_in_app
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.s3_endpoint import client_of, content, s3_endpoint

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

MARKUP = "<script>document.title = 'run'</script>"
PRESENT = Check("p", "site is present", "ExpectColumnValuesToNotBeNull", {"column": "site"})
KNOWN = Check(
    "k",
    "site is known",
    "ExpectColumnValuesToBeInSet",
    {"column": "site", "value_set": ["BRASIL"]},
)


@pytest.fixture(params=["folder", "s3", "app", "app on s3"])
def index(
    request: pytest.FixtureRequest,
    settings: Settings,
    db: Connection,
    serve: Callable[..., str],
) -> Iterator[str]:
    """Where the index of a good and a bad run is opened."""
    if request.param in ("folder", "app"):
        _write(settings, db)
        page = data_docs_index(settings)
        yield (
            page.as_uri()
            if request.param == "folder"
            else f"{serve(settings)}{path_in_app(settings, page)}"
        )
        return
    with s3_endpoint("ge-artifacts") as s3:
        kept = settings.model_copy(update={"storage": "s3", "s3": s3})
        _write(kept, db)
        if request.param == "app on s3":
            yield f"{serve(kept)}{path_in_app(kept, data_docs_index(kept))}"
            return
        for key in content(s3, "ge-artifacts"):
            client_of(s3).put_object_acl(Bucket="ge-artifacts", Key=key, ACL="public-read")
        yield f"{s3.endpoint_url}/ge-artifacts/data_docs/index.html"


def _write(settings: Settings, db: Connection) -> None:
    db.execute("CREATE TABLE staging.sites AS SELECT 'BRASIL' AS site")
    for run_id in ("good", "bad"):
        run_suite(
            settings,
            suite="suite_sites",
            checkpoint="sites_checkpoint",
            table="staging.sites",
            run_id=run_id,
            checks=[PRESENT, KNOWN],
        )
        db.execute("INSERT INTO staging.sites VALUES (%s)", [MARKUP])
    build_data_docs(settings)


def test_an_analyst_finds_what_failed(page: Page, index: str) -> None:
    page.goto(index)
    results = page.locator("tbody tr:visible")
    expect(page.get_by_role("status")).to_have_text("2 of 2 results")
    expect(results.first).to_contain_text("bad")  # the newest first

    page.get_by_role("button", name="Run Time").click()
    expect(results.first).to_contain_text("good")
    page.get_by_role("button", name="Run Time").click()
    expect(results.first).to_contain_text("bad")

    page.get_by_label("Run Name contains").fill("GOOD")
    expect(results).to_have_count(1)
    expect(results).to_contain_text("Success")
    page.get_by_label("Run Name contains").clear()
    page.get_by_label("Only this Status").select_option("Failed")
    expect(page.get_by_role("status")).to_have_text("1 of 2 results")

    results.get_by_role("link").click()
    # Its style is there: a style sheet that was not loaded would leave the details in sight.
    expect(page.get_by_text("Great Expectations Version")).to_be_hidden()
    page.get_by_text("Show more info").click()
    expect(page.get_by_text("Great Expectations Version")).to_be_visible()
    expect(page.get_by_text(MARKUP, exact=True)).to_be_visible()
    expect(page).to_have_title(re.compile("^Validations / suite_sites / sites / bad"))

    expect(page.get_by_text("site is present")).to_be_visible()
    page.get_by_label("Show").select_option("failed checks only")
    expect(page.get_by_text("site is present")).to_be_hidden()
    expect(page.get_by_text("site is known")).to_be_visible()

    page.get_by_role("link", name="Data Docs", exact=True).click()
    expect(page.get_by_role("heading", name="Validation Results")).to_be_visible()
