"""What goes wrong with files in MLflow's store: away for a moment, or gone for good."""

import boto3
import pytest
import requests
from botocore.config import Config

from flows.errors import KpiError, Unavailable
from flows.local.machine import LOOPBACK, free_port
from flows.platform.tracking.artifacts import artifact_errors
from tests.s3_endpoint import client_of, s3_endpoint

REMEDY = "Create the bucket again."


def test_a_store_that_does_not_answer_may_come_back() -> None:
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{LOOPBACK}:{free_port()}",
        aws_access_key_id="somebody",
        aws_secret_access_key="made-up",  # noqa: S106
        region_name="us-east-1",
        config=Config(retries={"max_attempts": 0}),
    )
    with (
        pytest.raises(Unavailable, match=r"^No model: Could not connect .* it stays so: Create"),
        artifact_errors("No model", REMEDY),
    ):
        client.list_buckets()


def test_a_server_that_does_not_answer_may_come_back() -> None:
    with pytest.raises(Unavailable), artifact_errors("No model", REMEDY):
        requests.get(f"http://{LOOPBACK}:{free_port()}", timeout=10)


def test_a_bucket_that_is_gone_is_not_waited_for() -> None:
    with s3_endpoint() as s3, pytest.raises(KpiError) as error, artifact_errors("No model", REMEDY):
        client_of(s3).list_objects_v2(Bucket="nobody-made-it")
    assert not isinstance(error.value, Unavailable)
    assert str(error.value).endswith(f"The specified bucket does not exist. {REMEDY}")
