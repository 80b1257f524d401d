"""Where a cluster's executors find the files of a run."""

from pathlib import Path
from uuid import uuid4

import pytest
from py4j.protocol import Py4JNetworkError

from flows.churn.features.engines import churn_spark
from flows.errors import KpiError
from flows.platform.compute.shared import shared_storage
from flows.platform.compute.spark import spark_address
from flows.settings import Settings

pytestmark = [pytest.mark.xdist_group("spark"), pytest.mark.usefixtures("short_lived_java")]


def test_without_a_storage_they_are_where_they_are(settings: Settings, tmp_path: Path) -> None:
    with shared_storage(settings, churn_spark(settings)) as shared:
        assert shared.address(tmp_path) == spark_address(tmp_path)


def test_copies_are_made_once_taken_back_and_deleted(settings: Settings, tmp_path: Path) -> None:
    storage = tmp_path / "elsewhere"
    elsewhere = settings.model_copy(update={"spark_shared_storage": f"file://{storage}"})
    (tmp_path / "users").mkdir()
    (tmp_path / "users" / "part.csv").write_text("1\n2\n")

    with shared_storage(elsewhere, churn_spark(elsewhere)) as shared:
        address = shared.address(tmp_path / "users")
        assert address.startswith(f"file://{storage}")
        assert shared.address(tmp_path / "users") == address
        users = shared.spark.read.text(address)
        with shared.written(tmp_path / "again") as place:
            users.write.text(place)

    parts = [part.read_text() for part in (tmp_path / "again").glob("part-*")]
    assert sorted("".join(parts).split()) == ["1", "2"]
    assert list(storage.iterdir()) == []


def test_a_storage_that_nobody_knows_is_a_sentence(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"spark_shared_storage": "nowhere://bucket/spark"})
    with (
        pytest.raises(KpiError, match="cannot use KPI_SPARK_SHARED_STORAGE=nowhere://bucket/spark"),
        shared_storage(nowhere, churn_spark(nowhere)),
    ):
        pass


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KpiError("The store is away."), "The store is away."),
        (Py4JNetworkError("Answer from Java side is empty"), "Py4JNetworkError."),
    ],
)
def test_a_run_that_fails_says_why_although_its_copies_stay(
    settings: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    words: str,
) -> None:
    storage = tmp_path / "elsewhere"
    elsewhere = settings.model_copy(update={"spark_shared_storage": f"file://{storage}"})

    def train() -> None:
        with shared_storage(elsewhere, churn_spark(elsewhere)) as copies:
            monkeypatch.setattr(copies, "remove", store_is_away)
            raise ValueError("what went wrong")

    def store_is_away() -> None:
        raise error

    with pytest.raises(ValueError, match="what went wrong"):
        train()
    (told,) = caplog.messages
    assert told.startswith(f"The copies of this run stay in file://{storage}/kpi-")
    assert told.endswith(f": {words}")


def test_copies_of_a_killed_run_are_removed_by_a_later_one(
    settings: Settings, tmp_path: Path
) -> None:
    storage = tmp_path / "elsewhere"
    elsewhere = settings.model_copy(update={"spark_shared_storage": f"file://{storage}"})
    killed = storage / f"kpi-20260101T000000Z-{uuid4()}"
    others = storage / "somebody's"
    for folder in (killed, others):
        (folder / "read").mkdir(parents=True)
    with shared_storage(elsewhere, churn_spark(elsewhere)):
        going_on = {path.name for path in storage.iterdir()}
        assert killed.name not in going_on
    assert list(storage.iterdir()) == [others]
