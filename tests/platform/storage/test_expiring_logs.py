"""What expires in the bucket of Airflow's logs, in a real object store."""

from typing import Any

import pytest
from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend

from flows.platform.storage.buckets import create_buckets
from flows.settings import Settings
from flows.settings.servers import S3Settings
from tests.s3_endpoint import client_of, s3_endpoint

BUCKET = "airflow-logs"


def test_a_dry_run_lets_nothing_expire_and_says_what_would(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with s3_endpoint(BUCKET) as s3, caplog.at_level("INFO"):
        create_buckets(_settings(s3, "dry-run"))

        assert _rules(s3) == []
    assert "what is in airflow-logs for more than 30 days would expire" in caplog.text


def test_a_mode_that_removes_lets_logs_expire_and_a_dry_run_ends_it() -> None:
    with s3_endpoint(BUCKET) as s3:
        create_buckets(_settings(s3, "prune"))
        create_buckets(_settings(s3, "prune"))
        assert [rule["Expiration"]["Days"] for rule in _rules(s3)] == [30]

        create_buckets(_settings(s3, "dry-run"))
        assert _rules(s3) == []


@pytest.mark.parametrize("mode", ["prune", "dry-run"])
def test_the_rules_of_whose_bucket_it_is_stay(mode: str) -> None:
    theirs: Any = {
        "ID": "theirs",
        "Status": "Enabled",
        "Filter": {"Prefix": "tmp/"},
        "Expiration": {"Days": 7},
    }
    with s3_endpoint(BUCKET) as s3:
        client_of(s3).put_bucket_lifecycle_configuration(
            Bucket=BUCKET, LifecycleConfiguration={"Rules": [theirs]}
        )
        create_buckets(_settings(s3, "prune"))
        create_buckets(_settings(s3, mode))

        ours = {"prune": ["kpi-retention"], "dry-run": []}[mode]
        assert [rule["ID"] for rule in _rules(s3)] == ["theirs", *ours]
        assert _rules(s3)[0] == theirs


def test_a_store_where_nothing_expires_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise S3ClientError("NotImplemented", "A header you provided implies functionality")

    monkeypatch.setattr(S3Backend, "put_bucket_lifecycle", refuse)
    with s3_endpoint(BUCKET) as s3, caplog.at_level("WARNING"):
        assert BUCKET in create_buckets(_settings(s3, "prune"))

    assert "nothing deletes what is in airflow-logs for more than 30 days" in caplog.text


def _settings(s3: S3Settings, mode: str) -> Settings:
    kept = {"mode": mode, "airflow_logs_days": 30}
    return Settings.model_validate({"storage": "s3", "s3": s3, "retention": kept})


def _rules(s3: S3Settings) -> list[Any]:
    client = client_of(s3)
    try:
        return list(client.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"])
    except client.exceptions.ClientError:  # there is none
        return []
