"""A run is an interval of whole days in the settings' time zone."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from flows.crypto_events.run import plan_run
from flows.errors import BadInput
from flows.settings import Settings

AS_OF = date(2025, 3, 10)


def zone(tmp_path: Path, name: str) -> Settings:
    return Settings(home=tmp_path, time_zone=name)


@pytest.mark.parametrize("days", [1, 5, 31, 3660])
def test_a_window_of_n_days_has_n_days(days: int, tmp_path: Path) -> None:
    run = plan_run(zone(tmp_path, "UTC"), AS_OF, window_days=days)

    assert len(run.days) == len(set(run.days)) == days
    assert run.days[0] == run.window_start
    assert run.days[-1] == run.as_of == AS_OF
    assert run.days == sorted(run.days)
    assert str(run) == f"{run.window_start} to 2025-03-10"


def test_rows_arrive_in_the_days_of_the_time_zone(tmp_path: Path) -> None:
    settings = zone(tmp_path, "America/Buenos_Aires")

    first, after = plan_run(settings, AS_OF, window_days=2).arrival_bounds(settings)

    assert first.astimezone(UTC) == datetime(2025, 3, 9, 3, tzinfo=UTC)
    assert after.astimezone(UTC) == datetime(2025, 3, 11, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last_day", "hours"), [(date(2025, 3, 30), 23), (date(2025, 10, 26), 25), (AS_OF, 24)]
)
def test_days_have_the_hours_that_the_clocks_give_them(
    last_day: date, hours: int, tmp_path: Path
) -> None:
    settings = zone(tmp_path, "Europe/Madrid")

    first, after = plan_run(settings, last_day, window_days=1).arrival_bounds(settings)

    assert after.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=hours)


def test_without_a_day_the_run_is_of_today_in_the_time_zone(tmp_path: Path) -> None:
    # Between them 26 hours: their days differ at any moment.
    east, west = zone(tmp_path, "Pacific/Kiritimati"), zone(tmp_path, "Etc/GMT+12")

    assert plan_run(west).as_of < plan_run(east).as_of


def test_each_run_has_a_name_of_its_own_unless_it_is_given(tmp_path: Path) -> None:
    settings = zone(tmp_path, "UTC")

    assert plan_run(settings, AS_OF).run_id != plan_run(settings, AS_OF).run_id
    assert plan_run(settings, AS_OF, run_id="airflow 7").run_id == "airflow 7"


@pytest.mark.parametrize("as_of", [date.min, date(1, 1, 5), date.max])
def test_a_window_that_leaves_the_calendar_is_refused(as_of: date) -> None:
    with pytest.raises(BadInput, match="leaves the calendar"):
        plan_run(Settings(), as_of)
