"""The buckets of a real object store."""

from pathlib import Path

import pytest

from flows.errors import KpiError
from flows.local.machine import free_port
from flows.platform.storage.buckets import create_buckets, require_runs_bucket
from flows.settings import Settings
from flows.settings.servers import S3Settings
from tests.s3_endpoint import client_of, s3_endpoint

NAMES = ["airflow-logs", "ge-artifacts", "mlflow-artifacts", "kpi-runs"]


def test_missing_buckets_are_created_and_the_others_stay(tmp_path: Path) -> None:
    with s3_endpoint("ge-artifacts") as s3:
        client_of(s3).put_object(Bucket="ge-artifacts", Key="kept", Body=b"as it was")
        settings = Settings(home=tmp_path, storage="s3", s3=s3)

        assert create_buckets(settings) == NAMES
        assert create_buckets(settings) == NAMES

        assert client_of(s3).get_object(Bucket="ge-artifacts", Key="kept")["Body"].read()
        assert set(NAMES) <= _names(s3)


def test_they_have_the_prefix_and_lie_in_the_region() -> None:
    with s3_endpoint() as s3:
        elsewhere = s3.model_copy(update={"region": "eu-west-1", "bucket_prefix": "shop-"})

        create_buckets(Settings(storage="s3", s3=elsewhere))

        assert {f"shop-{name}" for name in NAMES} <= _names(s3)
        place = client_of(s3).get_bucket_location(Bucket="shop-airflow-logs")
        assert place["LocationConstraint"] == "eu-west-1"


def test_a_store_that_does_not_answer_is_named() -> None:
    address = f"http://127.0.0.1:{free_port()}"
    s3 = S3Settings(endpoint_url=address)

    with pytest.raises(KpiError, match=f"Bucket airflow-logs of {address}"):
        create_buckets(Settings(storage="s3", s3=s3))


def test_a_deleted_bucket_of_results_is_named(tmp_path: Path) -> None:
    with s3_endpoint("ours-kpi-runs") as s3:
        ours = s3.model_copy(update={"bucket_prefix": "ours-"})
        require_runs_bucket(Settings(home=tmp_path, storage="s3", s3=ours))
        deleted = ours.model_copy(update={"runs_bucket": "deleted"})
        with pytest.raises(KpiError, match=r"There is no bucket ours-deleted in .* `kpi prepare"):
            require_runs_bucket(Settings(home=tmp_path, storage="s3", s3=deleted))


def test_without_a_store_it_says_so() -> None:
    with pytest.raises(KpiError, match="KPI_STORAGE is not s3"):
        create_buckets(Settings())


def _names(s3: S3Settings) -> set[str]:
    # Of every store of this process: moto keeps their buckets together.
    return {found["Name"] for found in client_of(s3).list_buckets()["Buckets"]}
