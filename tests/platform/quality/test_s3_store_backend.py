"""Great Expectations keeps its results and its Data Docs in S3."""

import json
import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from botocore.exceptions import ConnectionClosedError

from flows.errors import KpiError
from flows.local.machine import LOOPBACK, free_port
from flows.platform.quality.great_expectations import Check, CheckResult, build_data_docs, run_suite
from flows.platform.storage import object_store
from flows.platform.storage.layout import great_expectations_folder
from flows.platform.storage.object_store import read_object
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.s3_endpoint import client_of, content, s3_endpoint

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

BUCKET = "ours-ge-artifacts"
PRESENT = Check(
    "site_present", "site is present", "ExpectColumnValuesToNotBeNull", {"column": "site"}
)


@pytest.fixture(autouse=True)
def _numbers(db: Connection) -> None:
    db.execute("CREATE TABLE staging.numbers (site text)")
    db.execute("INSERT INTO staging.numbers VALUES ('BRASIL')")


def validate(settings: Settings, run_id: str = "run-1") -> list[CheckResult]:
    return run_suite(
        settings,
        suite="suite_numbers",
        checkpoint="numbers_checkpoint",
        table="staging.numbers",
        run_id=run_id,
        checks=[PRESENT],
    )


@pytest.fixture
def in_s3(settings: Settings) -> Iterator[Settings]:
    """The settings, with a store in which the bucket's name has a prefix."""
    with s3_endpoint(BUCKET) as store:
        s3 = store.model_copy(update={"bucket_prefix": "ours-"})
        yield settings.model_copy(update={"storage": "s3", "s3": s3})


def test_in_s3_results_and_data_docs_are_there_alone(in_s3: Settings, db: Connection) -> None:
    assert all(result.success for result in validate(in_s3, run_id="good"))
    db.execute("INSERT INTO staging.numbers VALUES (NULL)")
    assert not all(result.success for result in validate(in_s3, run_id="bad"))

    address = build_data_docs(in_s3)

    assert address == "s3://ours-ge-artifacts/data_docs/index.html"
    kept = content(in_s3.s3, BUCKET)
    verdicts = {
        result["meta"]["run_id"]["run_name"]: result["success"]
        for name, text in kept.items()
        if name.startswith("validations/")
        for result in [json.loads(text)]
    }
    assert verdicts == {"good": True, "bad": False}
    index = read_object(in_s3, address).decode()
    pages = {unquote(page) for page in re.findall(r"validations/[^\"'> ]+\.html", index)}
    assert {page.split("/")[2] for page in pages} == {"good", "bad"}
    assert {f"data_docs/{page}" for page in pages} <= kept.keys()
    head = client_of(in_s3.s3).head_object(Bucket=BUCKET, Key="data_docs/index.html")
    assert head["ContentType"] == "text/html; charset=utf-8"
    assert not great_expectations_folder(in_s3).exists()
    assert in_s3.s3.secret_access_key
    secret = in_s3.s3.secret_access_key.get_secret_value().encode()
    assert not any(secret in text for text in kept.values())


def test_in_s3_data_docs_forget_what_has_no_result(in_s3: Settings) -> None:
    validate(in_s3, run_id="forgotten")
    build_data_docs(in_s3)
    client = client_of(in_s3.s3)
    for name in content(in_s3.s3, BUCKET):
        if name.startswith("validations/"):
            client.delete_object(Bucket=BUCKET, Key=name)

    assert "forgotten" not in read_object(in_s3, build_data_docs(in_s3)).decode()
    pages = [name for name in content(in_s3.s3, BUCKET) if "forgotten" in name]
    assert pages == []


@pytest.mark.parametrize("work", ["validate", "build_data_docs"])
def test_a_missing_bucket_is_told_in_a_sentence(work: str, in_s3: Settings) -> None:
    other = in_s3.s3.model_copy(update={"bucket_prefix": "no-"})
    lost = in_s3.model_copy(update={"s3": other})
    with pytest.raises(KpiError) as refused:
        validate(lost) if work == "validate" else build_data_docs(lost)
    assert re.match(
        rf"Bucket no-ge-artifacts of {other.endpoint_url} does not (take|give) files "
        r"\(NoSuchBucket\)\. Create it",
        str(refused.value),
    )


def test_a_page_that_is_not_taken_is_told_in_a_sentence(
    in_s3: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.platform.quality import s3_store_backend

    validate(in_s3)
    client = client_of(in_s3.s3)
    asked = []

    def refuse(**_: object) -> None:
        asked.append("PutObject")
        raise ConnectionClosedError(endpoint_url="somewhere")

    client.meta.events.register("before-call.s3.PutObject", refuse)
    monkeypatch.setattr(s3_store_backend, "s3_client", lambda settings: client)
    # Great Expectations itself would log it, and go on.
    with pytest.raises(KpiError, match=r"does not take files \(ConnectionClosedError\)"):
        build_data_docs(in_s3)
    assert asked == ["PutObject"]


def test_a_store_that_is_not_there_is_told_in_a_sentence(
    in_s3: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_store, "_TRIES", 1)
    nowhere = in_s3.s3.model_copy(update={"endpoint_url": f"http://{LOOPBACK}:{free_port()}"})
    with pytest.raises(
        KpiError,
        match=r"^Bucket ours-ge-artifacts of http://127\.0\.0\.1:\d+ does not take files "
        r"\(EndpointConnectionError\)",
    ):
        validate(in_s3.model_copy(update={"s3": nowhere}))


def test_what_is_moved_is_kept_under_its_new_key_alone(in_s3: Settings) -> None:
    from flows.platform.quality.s3_store_backend import S3StoreBackend, stores_in_s3

    with stores_in_s3(in_s3):
        store = S3StoreBackend(BUCKET, "validations", filepath_template="{0}.json")
        store.set(("before",), "kept")
        store.move(("before",), ("after",))

        assert store.list_keys() == [("after",)]
        assert store.get(("after",)) == "kept"
