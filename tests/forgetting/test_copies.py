"""Copies that killed commands left: gone unseen, and told where somebody uses them."""

from pathlib import Path

import pytest

from flows.errors import KpiError
from flows.forgetting.copies import forget_in_copies
from flows.forgetting.trace import Trace, by_place
from flows.platform.compute.spill import scratch_folder
from flows.platform.forgetting.people import People
from flows.settings import Settings

HER = People("7")
OF_SPARK = "spark/local/blockmgr-1/0d/temp_shuffle_1"
COPIES = ("duckdb/tmpa/table", "scratch/tmpa/users.csv", "churn/runs/x/outcomes-a/s.csv")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a home in which killed commands left copies."""
    for name in (*COPIES, OF_SPARK):
        path = tmp_path / "kpi" / name
        path.parent.mkdir(parents=True)
        path.write_text("8,0.5\n")
    return Settings(home=tmp_path / "kpi")


def test_what_nobody_uses_is_removed_whoever_is_in_it(settings: Settings) -> None:
    would = forget_in_copies(settings, HER, dry_run=True)
    assert all((settings.home / name).exists() for name in (*COPIES, OF_SPARK))

    assert forget_in_copies(settings, HER, dry_run=False) == would
    assert not any((settings.home / name).exists() for name in (*COPIES, OF_SPARK))
    assert by_place(would) == [
        Trace(f"kpi/{place}/", 1, "deleted")
        for place in ("duckdb", "scratch", "spark/local", "churn/runs")
    ]
    assert by_place(forget_in_copies(settings, HER, dry_run=False)) == []


def test_what_is_in_use_stays_and_is_told(settings: Settings) -> None:
    with scratch_folder(settings) as folder:
        forget_in_copies(settings, HER, dry_run=False)  # nothing is in it
        upload = folder / "users.csv"
        upload.write_text("7\n")
        with pytest.raises(KpiError, match=r"1 file below kpi/scratch/\. They go with the comm"):
            forget_in_copies(settings, HER, dry_run=False)
        assert upload.exists()
    assert not (settings.home / COPIES[0]).exists()


def test_what_workers_of_a_cluster_may_use_stays_and_is_told(settings: Settings) -> None:
    on_cluster = settings.model_copy(update={"spark_master_url": "spark://spark-master:7077"})

    with pytest.raises(KpiError, match="1 file below kpi/spark/local/"):
        forget_in_copies(on_cluster, HER, dry_run=False)
    assert (settings.home / OF_SPARK).exists()
