"""`kpi docs`: Data Docs made anew from the stored results, in a folder and in S3."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flows.platform.quality.great_expectations import Check, run_suite
from flows.platform.storage.layout import data_docs_index, great_expectations_folder
from flows.platform.storage.object_store import object_address, put, read_object
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings, load_settings
from tests.s3_endpoint import s3_endpoint

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

Kpi = Callable[..., Any]
OLD = '<script src="https://cdn.example/jquery.js"></script>'


@pytest.fixture(params=["folder", "s3"])
def stored(
    request: pytest.FixtureRequest, warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """The commands' settings, with artifacts kept in a folder, or in S3."""
    if request.param == "folder":
        yield warehouse
        return
    with s3_endpoint("ge-artifacts") as s3:
        assert s3.secret_access_key
        monkeypatch.setenv("KPI_STORAGE", "s3")
        monkeypatch.setenv("KPI_S3__ENDPOINT_URL", str(s3.endpoint_url))
        monkeypatch.setenv("KPI_S3__ACCESS_KEY_ID", str(s3.access_key_id))
        monkeypatch.setenv("KPI_S3__SECRET_ACCESS_KEY", s3.secret_access_key.get_secret_value())
        yield load_settings()


def validate(settings: Settings, db: Connection) -> None:
    db.execute("CREATE TABLE staging.sites AS SELECT 'BRASIL' AS site")
    present = Check("p", "site is present", "ExpectColumnValuesToNotBeNull", {"column": "site"})
    run_suite(
        settings,
        suite="suite_sites",
        checkpoint="sites_checkpoint",
        table="staging.sites",
        run_id="run-1",
        checks=[present],
    )


def test_pages_of_an_earlier_version_are_made_anew(
    stored: Settings, db: Connection, kpi: Kpi
) -> None:
    validate(stored, db)
    index = data_docs_index(stored)
    kpi("docs")
    link = re.search(r'href="(validations/[^"]+)"', read_object(stored, address(stored)).decode())
    assert link
    page = index.parent / link[1]
    for path in (index, page):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(OLD, encoding="utf-8")
        put(stored, path)

    said = kpi("docs")

    assert (said.code, said.out) == (
        0,
        f"Data Docs show the newest 1 of 1 validation results: {address(stored)}\n",
    )
    for path in (index, page):
        made = read_object(stored, object_address(stored, path)).decode()
        assert OLD not in made
        assert "run-1" in made


def test_without_results_it_says_where_they_would_be(stored: Settings, kpi: Kpi) -> None:
    said = kpi("docs")

    folder = object_address(stored, great_expectations_folder(stored) / "validations")
    assert (said.code, said.out) == (1, "")
    assert said.err == (
        f"kpi: There is no validation result in {folder}. "
        "Run crypto-events first: each run stores what its checks found.\n"
    )
    assert not data_docs_index(stored).exists()


def test_a_damaged_result_is_named(warehouse: Settings, db: Connection, kpi: Kpi) -> None:
    validate(warehouse, db)
    (result,) = great_expectations_folder(warehouse).rglob("*.json")
    result.write_text('{"succ', encoding="utf-8")

    said = kpi("docs")

    assert said.code == 1
    assert said.err.startswith(f"kpi: The validation result {result.as_uri()} is damaged (")
    assert said.err.endswith("). Delete it, then run `kpi docs`.\n")


def test_a_folder_that_takes_no_pages_is_named(
    warehouse: Settings, db: Connection, kpi: Kpi
) -> None:
    validate(warehouse, db)
    folder = data_docs_index(warehouse).parent
    folder.write_text("in the way", encoding="utf-8")

    said = kpi("docs")

    assert said.code == 1
    assert said.err.startswith(f"kpi: {folder} does not take Data Docs (")


def address(settings: Settings) -> str:
    return object_address(settings, data_docs_index(settings))
