"""A file that is newer than the cutoff gives way to one that was delivered by then."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.churn.folders import churn_earlier_files
from flows.churn.planning import plan_snapshot, plan_training
from flows.churn.sources.clean_raw_sources import CleanSources, clean_folder, clean_raw_sources
from flows.errors import BadInput
from flows.platform.compute.duckdb import duckdb_connection, parquet_rows
from flows.settings import Settings
from tests.churn.churn_files import AS_OF, CUTOFF, deliver

USAGE = "ACTIVE_USER"
TODAY = ("1,99,9,9,2026-06-30", "2,99,9,9,", "3,99,,,")


def deliver_on(settings: Settings, folder: Path, day: date, visits: int) -> None:
    """A delivery of that day, as the weekly drift monitor checks it."""
    rows = (f"1,{visits},8,7,", f"2,{visits},3,0,")
    source = deliver(folder / str(day), true_as_of={USAGE: str(day)}, ACTIVE_USER=rows)
    clean_raw_sources(settings, plan_snapshot(settings, AS_OF, source=source, run_id=str(day)))


def train_on_todays_files(settings: Settings, folder: Path) -> tuple[CleanSources, list[int]]:
    """Check today's delivery for a training; returns what it found, and the visits it took."""
    source = deliver(folder / "today", true_as_of={USAGE: str(AS_OF)}, ACTIVE_USER=TODAY)
    run = plan_training(settings, AS_OF, source=source, run_id="training")
    found = clean_raw_sources(settings, run)
    rows = parquet_rows(clean_folder(settings, run) / f"{USAGE}.parquet")
    with duckdb_connection(settings) as connection:
        visits = connection.sql(f"SELECT mau_mp_1 FROM {rows} ORDER BY user_id").fetchall()
    return found, [number for (number,) in visits]


def test_the_latest_one_that_knows_nothing_later_is_taken(
    churn_settings: Settings, tmp_path: Path
) -> None:
    for days, visits in ((-7, 1), (-1, 2), (1, 3)):
        deliver_on(churn_settings, tmp_path, CUTOFF + timedelta(days=days), visits)

    found, visits_taken = train_on_todays_files(churn_settings, tmp_path)

    assert visits_taken == [2, 2]
    assert found.true_as_of[USAGE] == CUTOFF - timedelta(days=1)
    assert found.left_out == []


@pytest.mark.parametrize("days", [1, -30], ids=["later", "a label window old"])
def test_one_that_is_later_or_too_old_does_not_do(
    days: int, churn_settings: Settings, tmp_path: Path
) -> None:
    deliver_on(churn_settings, tmp_path, CUTOFF + timedelta(days=days), visits=1)

    with pytest.raises(BadInput, match=r"ACTIVE_USER\.csv describes users as of 2026-06-30"):
        train_on_todays_files(churn_settings, tmp_path)


def test_so_many_deliveries_are_kept(
    make_churn_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = make_churn_settings(keep_deliveries=2)
    days = [CUTOFF - timedelta(days=ago) for ago in (3, 2, 1)]
    for day in days:
        deliver_on(settings, tmp_path, day, visits=1)

    kept = sorted(file.stem for file in (churn_earlier_files(settings) / USAGE).iterdir())
    assert kept == [str(day) for day in days[1:]]
