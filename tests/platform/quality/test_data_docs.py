"""A page of Data Docs needs nothing but itself, and shows what was delivered as text."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from flows.platform.quality.great_expectations import Check, build_data_docs, run_suite
from flows.platform.storage.layout import data_docs_index
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

MARKUP = "<img src='//other.example/x' onerror='alert(1)'>"


def written(settings: Settings, db: Connection, *runs: str) -> Path:
    """Validate a table with a value that is markup, once a run, and write the Data Docs."""
    db.execute("CREATE TABLE staging.sites (site text)")
    db.execute("INSERT INTO staging.sites VALUES ('BRASIL'), (%s)", [MARKUP])
    known = {"column": "site", "value_set": ["BRASIL"]}
    for run_id in runs:
        run_suite(
            settings,
            suite="suite_sites",
            checkpoint="sites_checkpoint",
            table="staging.sites",
            run_id=run_id,
            checks=[Check("known", "site is known", "ExpectColumnValuesToBeInSet", known)],
        )
    build_data_docs(settings)
    return data_docs_index(settings).parent


def test_pages_name_no_other_host_and_every_link_leads_somewhere(
    settings: Settings, db: Connection
) -> None:
    folder = written(settings, db, "run-1")

    files = [path for path in folder.rglob("*") if path.is_file()]
    assert sorted(path.suffix for path in files) == [".html", ".html"]
    for page in files:
        html = page.read_text(encoding="utf-8")
        assert MARKUP not in html
        assert not re.search(r"(https?:)?//\w", re.sub(r"<td.*?</td>", "", html, flags=re.DOTALL))
        links = re.findall(r"(?:href|src)=\"([^\"#]+)", html)
        local = [page.parent / unquote(link) for link in links if not link.startswith("data:")]
        assert local
        assert [link for link in local if not link.is_file()] == []
    (result,) = (page for page in files if page.name != "index.html")
    assert MARKUP.replace("<", "&lt;").partition("'")[0] in result.read_text(encoding="utf-8")


def test_building_all_deletes_what_no_index_leads_to(settings: Settings, db: Connection) -> None:
    folder = written(settings, db, "run-1", "run-2")
    picture = folder / "static" / "images" / "of-an-earlier-version.gif"
    picture.parent.mkdir(parents=True)
    picture.touch()
    somebodys = folder / "notes.txt"
    somebodys.touch()

    build_data_docs(settings.model_copy(update={"data_docs_results": 1}))

    assert not picture.exists()
    assert somebodys.exists()
    (page,) = folder.rglob("validations/*/*/*/*.html")
    assert "run-2" in page.parts
