"""What a delivery says of itself: files that are newer than features may know."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from flows.churn.planning import plan_snapshot, plan_training
from flows.churn.sources.clean_raw_sources import CleanSources, clean_raw_sources
from flows.churn.sources.deliveries.delivery import content_hashes, latest_payment_day, true_as_of
from flows.errors import BadInput
from flows.settings import Settings
from tests.churn.churn_files import AS_OF, CUTOFF, ROWS, deliver

USAGE = "ACTIVE_USER"


def clean(settings: Settings, folder: Path) -> CleanSources:
    return clean_raw_sources(settings, plan_training(settings, source=folder))


def test_a_file_that_says_nothing_is_true_as_of_the_cutoff(
    churn_settings: Settings, tmp_path: Path
) -> None:
    said = {"DEMOGRAFICOS": "2026-04-30"}
    found = clean(churn_settings, deliver(tmp_path, true_as_of=said))
    assert found.true_as_of == {
        "ACTIVE_USER": CUTOFF,
        "DEMOGRAFICOS": date(2026, 4, 30),
        "DINERO_CUENTA": CUTOFF,
        "MARKETPLACE_DATA": CUTOFF,
    }


def test_a_file_that_says_it_is_newer_is_refused(churn_settings: Settings, tmp_path: Path) -> None:
    deliver(tmp_path, true_as_of={USAGE: "2026-06-30", "DINERO_CUENTA": "2026-06-01"})
    with pytest.raises(BadInput) as error:
        clean(churn_settings, tmp_path)
    assert str(error.value) == (
        "ACTIVE_USER.csv describes users as of 2026-06-30 (delivery.json says so), "
        "DINERO_CUENTA.csv describes users as of 2026-06-01 (delivery.json says so); features may "
        "know nothing later than 2026-05-31. Deliver them as of that day (and say so in "
        "delivery.json), correct the days, or set KPI_CHURN__NEWER_FILES=leave_out."
    )


def test_a_file_that_shows_it_is_newer_is_refused(churn_settings: Settings, tmp_path: Path) -> None:
    deliver(tmp_path, ACTIVE_USER=["1,9,8,7,2026-06-01"])
    with pytest.raises(BadInput) as error:
        clean(churn_settings, tmp_path)
    assert str(error.value).startswith(
        "ACTIVE_USER.csv describes users as of 2026-06-01 (column last_login_mp_date_1 holds that "
        "day); features may know nothing later than 2026-05-31. Deliver it as of that day"
    )


def test_a_newer_file_may_lose_its_columns(
    make_churn_settings: Callable[..., Settings],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = make_churn_settings(newer_files="leave_out")
    rows = ["1,80,2026-06-15,3"]
    deliver(tmp_path, MARKETPLACE_DATA=rows, true_as_of={USAGE: "2026-06-30"})
    found = clean(settings, tmp_path)
    assert found.left_out == [USAGE, "MARKETPLACE_DATA"]
    assert found.true_as_of[USAGE] == AS_OF
    assert found.true_as_of["MARKETPLACE_DATA"] == date(2026, 6, 15)
    assert "later than the cutoff 2026-05-31: its columns are left out" in caplog.text


def test_no_day_in_a_file_is_later_than_it_says(churn_settings: Settings, tmp_path: Path) -> None:
    deliver(tmp_path, true_as_of={USAGE: "2026-05-29"})
    with pytest.raises(BadInput) as error:
        clean(churn_settings, tmp_path)
    assert str(error.value) == (
        "ACTIVE_USER.csv: column last_login_mp_date_1 holds 2026-05-30, but the delivery says that "
        "the file is true as of 2026-05-29."
    )


def test_a_snapshot_may_know_its_own_day(churn_settings: Settings, tmp_path: Path) -> None:
    deliver(tmp_path, true_as_of={USAGE: "2026-06-30"})
    run = plan_snapshot(churn_settings, source=tmp_path)
    assert clean_raw_sources(churn_settings, run).left_out == []
    assert run.cutoff == AS_OF


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"true_as_of": []}',
        b'{"true_as_of": {"ACTIVE_USER": "31/05/2026"}}',
        b'{"true_as_of": {"ACTIVE_USER": 20260531}}',
        b'{"true_as_of": {"ACTIVE_USER": null}}',
        '{"true_as_of": {"año": 1}}'.encode("latin-1"),
    ],
)
def test_a_broken_delivery_json_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "delivery.json").write_bytes(content)
    with pytest.raises(BadInput, match=r"delivery\.json is not understood .* Write it as \{"):
        true_as_of(tmp_path)


@pytest.mark.parametrize("name", ["PAYMENTS", "active_user", "ACTIVE_USER.csv"])
def test_delivery_json_is_about_files_that_describe_users(name: str, tmp_path: Path) -> None:
    deliver(tmp_path, true_as_of={name: "2026-05-31"})
    with pytest.raises(BadInput) as error:
        true_as_of(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}/delivery.json: true_as_of names {name}; it is for ACTIVE_USER, DEMOGRAFICOS, "
        "DINERO_CUENTA, MARKETPLACE_DATA alone."
    )


def test_without_delivery_json_nothing_is_said(tmp_path: Path) -> None:
    assert true_as_of(deliver(tmp_path)) == {}


def test_a_run_is_as_of_the_last_payment_unless_told(
    churn_settings: Settings, tmp_path: Path
) -> None:
    rows = [*ROWS["PAYMENTS"], "2026-07-02,1,1,1,,", "soon,1,1,1,,"]
    deliver(tmp_path, PAYMENTS=rows)
    assert latest_payment_day(Settings(home=tmp_path / "home"), tmp_path) == date(2026, 7, 2)
    assert plan_training(churn_settings, source=tmp_path).as_of == date(2026, 7, 2)
    assert plan_training(churn_settings, AS_OF, source=tmp_path).as_of == AS_OF


@pytest.mark.parametrize("as_of", [date.min, date(2, 1, 1), date.max])
def test_a_run_stays_within_the_calendar(
    as_of: date, churn_settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=r"^The days that a run as of .* leave the calendar\.$"):
        plan_training(churn_settings, as_of, source=tmp_path)


def test_the_hash_of_a_file_tells_that_it_changed(tmp_path: Path) -> None:
    before = content_hashes(deliver(tmp_path))
    after = content_hashes(deliver(tmp_path, ACTIVE_USER=["1,9,8,8,"]))
    assert [name for name in before if before[name] != after[name]] == [USAGE]
    (tmp_path / "PAYMENTS.csv").unlink()
    with pytest.raises(BadInput, match=r"PAYMENTS\.csv cannot be read: No such file"):
        content_hashes(tmp_path)
