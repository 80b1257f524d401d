"""What killed runs left in Spark's shared storage is found by its name, and by nobody's session."""

from pathlib import Path

import pytest

from flows.errors import KpiError
from flows.platform.compute.shared_copies import (
    is_abandoned,
    name_of_copies,
    remove_shared_copies,
)
from flows.platform.compute.spill import Copies
from flows.platform.storage.object_store import s3_client
from flows.settings import Settings
from tests.s3_endpoint import s3_endpoint


def test_a_run_that_may_go_on_is_not_abandoned() -> None:
    assert not is_abandoned(name_of_copies())
    assert is_abandoned(f"kpi-20260101T000000Z-{name_of_copies()[-36:]}")
    assert not is_abandoned("kpi-of-somebody-else")


def test_in_a_folder_all_runs_copies_go(tmp_path: Path) -> None:
    storage = tmp_path / "shared"
    settings = Settings(home=tmp_path / "kpi", spark_shared_storage=f"file://{storage}")
    assert remove_shared_copies(settings) == Copies()  # not even made yet
    copy = storage / name_of_copies() / "read" / "0" / "users.csv"
    other = storage / "kpi-of-somebody-else" / "users.csv"
    for path in (copy, other):
        path.parent.mkdir(parents=True)
        path.write_text("7\n")

    assert remove_shared_copies(settings, dry_run=True) == Copies(1)
    assert copy.exists()
    assert remove_shared_copies(settings) == Copies(1)
    assert [path for path in storage.rglob("*") if path.is_file()] == [other]


def test_in_a_bucket_as_well(tmp_path: Path) -> None:
    with s3_endpoint("shared") as s3:
        settings = Settings(
            home=tmp_path / "kpi", s3=s3, spark_shared_storage="s3a://shared/of/spark"
        )
        client = s3_client(settings)
        for key in (f"of/spark/{name_of_copies()}/read/0/users.csv", "of/spark/kpi-x/users.csv"):
            client.put_object(Bucket="shared", Key=key, Body=b"7\n")

        assert remove_shared_copies(settings, dry_run=True) == Copies(1)
        assert remove_shared_copies(settings) == Copies(1)
        left = client.list_objects_v2(Bucket="shared")["Contents"]
        assert [found["Key"] for found in left] == ["of/spark/kpi-x/users.csv"]


def test_what_cannot_be_looked_into_is_told(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, spark_shared_storage="hdfs:///kpi")
    assert remove_shared_copies(Settings(home=tmp_path)) == Copies()
    with pytest.raises(KpiError, match=r"hdfs:///kpi .* was not searched: look there for folders"):
        remove_shared_copies(settings)
