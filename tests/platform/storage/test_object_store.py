"""A file for people is kept where the settings say, under the address that it is given."""

from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from flows.errors import KpiError, Unavailable
from flows.local.machine import LOOPBACK, free_port
from flows.platform.storage import object_store
from flows.platform.storage.layout import artifacts_folder, data_docs_index, run_log
from flows.platform.storage.object_store import (
    NotFound,
    address_for_people,
    object_address,
    object_exists,
    put,
    read_object,
    s3_client,
)
from flows.settings import Settings
from flows.settings.servers import S3Settings
from tests.s3_endpoint import client_of, content, s3_endpoint


@pytest.fixture(scope="module")
def store() -> Iterator[S3Settings]:
    """An object store with the runs' bucket."""
    with s3_endpoint("kpi-runs", "ours-kpi-runs") as s3:
        yield s3


@pytest.fixture
def in_s3(tmp_path: Path) -> Callable[[S3Settings], Settings]:
    """Settings that keep files in this store."""
    return lambda s3: Settings(home=tmp_path, storage="s3", s3=s3)


def written(path: Path, text: str = "something") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_in_a_folder_a_file_stays_where_it_is(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    log = written(run_log(settings, "a-flow", "1"))
    assert put(settings, log) == (tmp_path / "artifacts/kpi-runs/logs/a-flow/1.log").as_uri()


def test_in_s3_its_path_is_its_key(
    store: S3Settings, in_s3: Callable[[S3Settings], Settings]
) -> None:
    settings = in_s3(store)
    log = written(run_log(settings, "a-flow", "1"), "first")
    put(settings, log)
    written(log, "second")
    assert put(settings, log) == "s3://kpi-runs/logs/a-flow/1.log"
    assert content(store, "kpi-runs")["logs/a-flow/1.log"] == b"second"


def test_a_prefix_goes_before_the_buckets_name(
    store: S3Settings, in_s3: Callable[[S3Settings], Settings]
) -> None:
    settings = in_s3(store.model_copy(update={"bucket_prefix": "ours-"}))
    log = written(run_log(settings, "a-flow", "1"), "with a prefix")
    assert (
        put(settings, log)
        == object_address(settings, log)
        == "s3://ours-kpi-runs/logs/a-flow/1.log"
    )
    assert content(store, "ours-kpi-runs") == {"logs/a-flow/1.log": b"with a prefix"}


def test_what_is_kept_in_a_folder_is_read_back(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "a % home")
    log = written(run_log(settings, "a-flow", "1"))
    # Older rows hold plain paths.
    for address in (put(settings, log), str(log)):
        assert object_exists(settings, address)
        assert read_object(settings, address) == b"something"
    log.unlink()
    assert not object_exists(settings, str(log))
    with pytest.raises(NotFound, match=r"^There is no /.*/logs/a-flow/1\.log\.$"):
        read_object(settings, log.as_uri())
    with pytest.raises(NotFound):
        read_object(settings, str(log.parent))


def test_what_is_kept_in_s3_is_read_back(
    store: S3Settings, in_s3: Callable[[S3Settings], Settings]
) -> None:
    settings = in_s3(store)
    address = put(settings, written(run_log(settings, "a-flow", "read # back")))
    assert object_exists(settings, address)
    assert read_object(settings, address) == b"something"
    gone = "s3://kpi-runs/logs/gone.log"
    assert not object_exists(settings, gone)
    with pytest.raises(NotFound, match=rf"^There is no {gone}\.$"):
        read_object(settings, gone)
    with pytest.raises(KpiError, match=r"^Bucket none of .* does not give files \(NoSuchBucket\)"):
        read_object(settings, "s3://none/a-key")


def test_people_open_pages_in_the_app_when_there_is_one(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    index = data_docs_index(settings)
    assert address_for_people(settings, index) == index.as_uri()
    in_app = Settings(home=tmp_path, app_url="https://kpi.example/")
    assert address_for_people(in_app, index) == (
        "https://kpi.example/artifacts/ge-artifacts/data_docs/index.html"
    )
    alone = Settings(home=tmp_path, storage="s3", app_url="")
    assert address_for_people(alone, index) == "s3://ge-artifacts/data_docs/index.html"


def test_a_folder_is_kept_whole_and_its_pages_open_in_a_browser(
    store: S3Settings, in_s3: Callable[[S3Settings], Settings]
) -> None:
    settings = in_s3(store)
    folder = artifacts_folder(settings) / "kpi-runs" / "site"
    written(folder / "index.html", "<p>ñ")
    written(folder / "deep" / "er" / "page.css")
    assert put(settings, folder) == "s3://kpi-runs/site"
    assert {"site/index.html", "site/deep/er/page.css"} <= content(store, "kpi-runs").keys()
    page = client_of(store).head_object(Bucket="kpi-runs", Key="site/index.html")
    assert page["ContentType"] == "text/html"


def test_a_missing_bucket_is_named(
    store: S3Settings, in_s3: Callable[[S3Settings], Settings]
) -> None:
    settings = in_s3(store)
    page = written(artifacts_folder(settings) / "no-such-bucket" / "index.html")
    with pytest.raises(KpiError) as refused:
        put(settings, page)
    assert str(refused.value) == (
        f"Bucket no-such-bucket of {store.endpoint_url} does not take files (NoSuchBucket). "
        "Create it, or correct KPI_S3__… or the keys."
    )


def test_nobody_there_is_told_in_a_sentence(
    in_s3: Callable[[S3Settings], Settings],
    store: S3Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(object_store, "_TRIES", 1)
    settings = in_s3(store.model_copy(update={"endpoint_url": f"http://{LOOPBACK}:{free_port()}"}))
    log = written(run_log(settings, "a-flow", "1"))
    with pytest.raises(Unavailable, match=r"does not take files \(EndpointConnectionError\): the"):
        put(settings, log)


def test_no_keys_anywhere_are_told_in_a_sentence(
    in_s3: Callable[[S3Settings], Settings], store: S3Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    settings = in_s3(S3Settings(endpoint_url=store.endpoint_url))
    log = written(run_log(settings, "a-flow", "1"))
    with pytest.raises(KpiError, match=r"does not take files \(NoCredentialsError\)"):
        put(settings, log)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    assert put(settings, log) == "s3://kpi-runs/logs/a-flow/1.log"


def test_without_keys_the_role_of_the_machine_counts(
    in_s3: Callable[[S3Settings], Settings], store: S3Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_EC2_METADATA_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    # As Compose passes a key that is not there.
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "nowhere")
    # The store's server also gives what a machine of AWS asks for at 169.254.169.254.
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", str(store.endpoint_url))
    # By default one second, once: a busy machine takes longer.
    monkeypatch.setenv("AWS_METADATA_SERVICE_TIMEOUT", "60")
    # It keeps the keys that an earlier test found.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    settings = in_s3(S3Settings(endpoint_url=store.endpoint_url))
    log = written(run_log(settings, "a-flow", "1"), "by role")

    signed: list[str] = []
    client = s3_client(settings)
    client.meta.events.register(
        "before-send.s3", lambda request, **_: signed.append(str(request.headers))
    )
    client.list_objects_v2(Bucket="kpi-runs")

    assert "test-session-token" in signed[0]
    assert put(settings, log) == "s3://kpi-runs/logs/a-flow/1.log"
    assert content(store, "kpi-runs")["logs/a-flow/1.log"] == b"by role"
