"""Great Expectations on a real table: verdicts, stored results, Data Docs."""

import json
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

from flows.errors import KpiError
from flows.platform.quality.great_expectations import Check, CheckResult, build_data_docs, run_suite
from flows.platform.storage.full_disk import full_disk
from flows.platform.storage.layout import data_docs_index, great_expectations_folder
from flows.platform.storage.object_store import read_object
from flows.platform.warehouse.connection import Connection, connect, is_transient
from flows.settings import Settings
from tests.environment.small_disk import fill, needs_root, small_disk

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

PRESENT = Check(
    "site_present", "site is present", "ExpectColumnValuesToNotBeNull", {"column": "site"}
)
KNOWN = Check(
    "site_known",
    "site is known",
    "ExpectColumnValuesToBeInSet",
    {"column": "site", "value_set": ["BRASIL"]},
)
NO_ZERO = Check(
    "no_zero",
    "no number is zero",
    "SingleQueryExpectation",
    {"unexpected_rows_query": "SELECT count(*) FROM {batch} WHERE n = 0 HAVING count(*) > 0"},
)


@pytest.fixture(autouse=True)
def _numbers(db: Connection) -> None:
    db.execute("CREATE TABLE staging.numbers (site text, n int)")
    db.execute("INSERT INTO staging.numbers VALUES ('BRASIL', 1), ('BRASIL', 2)")


def validate(settings: Settings, *checks: Check, run_id: str = "run-1") -> list[CheckResult]:
    return run_suite(
        settings,
        suite="suite_numbers",
        checkpoint="numbers_checkpoint",
        table="staging.numbers",
        run_id=run_id,
        checks=list(checks),
    )


def docs_of(settings: Settings) -> Path:
    return data_docs_index(settings).parent


def stored_results(settings: Settings) -> list[Any]:
    folder = great_expectations_folder(settings) / "validations"
    return [json.loads(path.read_text()) for path in folder.rglob("*.json")]


def test_good_rows_pass_every_check_in_its_order(settings: Settings) -> None:
    results = validate(settings, KNOWN, NO_ZERO, PRESENT)

    assert [result.id for result in results] == ["site_known", "no_zero", "site_present"]
    assert results[0].description == "site is known"
    assert all(result.success for result in results)
    (stored,) = stored_results(settings)
    assert stored["success"]


def test_a_failed_suite_stores_one_result_with_samples(settings: Settings, db: Connection) -> None:
    db.execute("INSERT INTO staging.numbers SELECT 'Chile', 0 FROM generate_series(1, 30)")

    results = validate(settings, PRESENT, KNOWN, NO_ZERO)

    assert [(result.id, result.success, result.unexpected_rows) for result in results] == [
        ("site_present", True, 0),
        ("site_known", False, 30),
        ("no_zero", False, 30),
    ]
    (stored,) = stored_results(settings)
    assert stored["meta"]["run_id"]["run_name"] == "run-1"
    failed = [result for result in stored["results"] if not result["success"]]
    samples = [result["result"].get("partial_unexpected_list") for result in failed]
    assert ["Chile"] * 20 in samples


def test_how_many_bad_cells_are_kept_is_a_setting(settings: Settings, db: Connection) -> None:
    db.execute("INSERT INTO staging.numbers SELECT 'Chile', 0 FROM generate_series(1, 30)")

    results = validate(settings.model_copy(update={"data_docs_samples": 0}), PRESENT, KNOWN)

    assert [result.unexpected_rows for result in results] == [0, 30]
    assert "Chile" not in str(stored_results(settings))


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (Check("x", "x", "ExpectColumnValuesToNotBeNull", {"column": "gone"}), "gone"),
        (
            Check(
                "x",
                "x",
                "SingleQueryExpectation",
                {"unexpected_rows_query": "SELECT FROM {batch} WHERE gone"},
            ),
            "gone",
        ),
        (Check("x", "x", "ExpectColumnMinToBeBetween", {"column": "gone", "min_value": 1}), "gone"),
    ],
)
def test_a_check_that_cannot_be_run_is_no_verdict(
    broken: Check, reason: str, settings: Settings
) -> None:
    with pytest.raises(KpiError, match=r"could not run the check x$") as failed:
        validate(settings, PRESENT, broken)
    assert reason in failed.value.in_full


def test_a_lock_in_the_way_may_pass_by_itself(settings: Settings) -> None:
    impatient = settings.model_copy(update={"lock_timeout_seconds": 1})
    with connect(settings, "holder") as holder:
        holder.execute("LOCK TABLE staging.numbers IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Exception, match="lock timeout") as stopped:
            validate(impatient, PRESENT)
    assert is_transient(stopped.value)
    assert all(result.success for result in validate(impatient, PRESENT))


def test_data_docs_list_the_newest_results_only(settings: Settings) -> None:
    few = settings.model_copy(update={"data_docs_results": 2})
    for number in range(3):
        validate(few, PRESENT, run_id=f"run-{number}")

    index = build_data_docs(few)

    assert index == data_docs_index(few).as_uri()
    listed = set(re.findall(r"run-\d", read_object(few, index).decode()))
    assert listed == {"run-1", "run-2"}
    assert len(stored_results(few)) == 3


def test_a_run_writes_its_own_pages_and_those_that_are_missing(settings: Settings) -> None:
    for number in range(3):
        validate(settings, PRESENT, run_id=f"run-{number}")
    build_data_docs(settings)
    pages = {page.parts[-3]: page for page in docs_of(settings).rglob("validations/*/*/*/*.html")}
    assert sorted(pages) == ["run-0", "run-1", "run-2"]

    pages["run-0"].write_text("somebody's")
    pages["run-1"].unlink()
    pages["run-2"].write_text("of an earlier try")
    build_data_docs(settings, "run-2")

    assert pages["run-0"].read_text() == "somebody's"
    # Each page has ids of its own, so it is another one each time.
    assert "run-1" in pages["run-1"].read_text()
    assert "run-2" in pages["run-2"].read_text()


def test_secrets_stay_out_of_what_is_stored(settings: Settings) -> None:
    validate(settings, PRESENT)
    build_data_docs(settings)

    password = psycopg.conninfo.conninfo_to_dict(settings.database_url.get_secret_value())[
        "password"
    ]
    files = [path for path in Path(settings.home).rglob("*") if path.is_file()]
    assert len(files) > 2
    assert not any(str(password).encode() in path.read_bytes() for path in files)


@needs_root
def test_a_full_disk_is_told(settings: Settings, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 4) as disk:
        fill(disk)
        full = settings.model_copy(update={"home": disk / "kpi"})

        with pytest.raises(Exception) as raised:  # noqa: PT011 (whatever it makes of it)
            validate(full, PRESENT)

        told = full_disk(raised.value, full.home)
    assert told is not None
    assert told.startswith(f"The disk is full: 0 MB are left in {disk}")
