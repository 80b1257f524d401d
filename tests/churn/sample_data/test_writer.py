"""Made-up deliveries: well formed, reproducible, consistent in time, and worth learning from."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from flows.churn.sample_data import users
from flows.churn.sample_data.writer import AS_OF, write_sample_data
from tests.churn.sample_data.deliveries import (
    BUYER,
    COLUMNS,
    CUTOFF,
    Frames,
    auc_on_held_out_users,
    features,
    shifted,
)

DAY, MONEY, COUNT = r"20\d\d-\d\d-\d\d", r"\d+\.\d\d", r"\d+"
CELLS = {
    "PAYMENTS": (
        *(DAY, COUNT, COUNT, MONEY, "Instore|Transport|Utilities|TopUps|Transfers"),
        f"|{MONEY}",
    ),
    "ACTIVE_USER": (COUNT, COUNT, COUNT, COUNT, f"|{DAY}"),
    "DEMOGRAFICOS": (COUNT, r"|\d\d", "|F|M", "|Credit|Debit|Prepaid|None", r"[\w ]*"),
    "DINERO_CUENTA": (COUNT, MONEY, MONEY, "|Investing|Eligible|Elegible|Warmup|Pending"),
    "MARKETPLACE_DATA": (COUNT, MONEY, f"|{DAY}", COUNT),
}
OPTIONAL = {
    "PAYMENTS": ["DESCUENTO"],
    "ACTIVE_USER": ["last_login_mp_date_1"],
    "DEMOGRAFICOS": ["AGE", "GENDER", "CARD_TYPE", "CITY"],
    "DINERO_CUENTA": ["INVERSION"],
    "MARKETPLACE_DATA": ["RECENCY_ML"],
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_file_has_its_columns_and_cells(name: str, tmp_path: Path) -> None:
    written = write_sample_data(tmp_path, users=500, seed=1)
    content = (tmp_path / f"{name}.csv").read_bytes()
    header, *lines = content.decode("utf-8").split("\n")
    assert header == COLUMNS[name]
    assert lines.pop() == ""
    assert len(lines) == written.rows[name]
    row = re.compile(",".join(f"({cell})" for cell in CELLS[name]))
    assert [line for line in lines if not row.fullmatch(line)] == []


def test_cells_are_missing_where_they_really_are(deliver: Callable[..., Frames]) -> None:
    for name, frame in deliver().items():
        missing = frame.isna().mean()
        assert list(missing[missing > 0].index) == OPTIONAL[name]
        assert missing.drop("DESCUENTO", errors="ignore").max() < 0.3
        if name == "PAYMENTS":
            assert missing["DESCUENTO"] > 0.5


def test_users_are_in_every_file_but_a_few_buyers_in_none(deliver: Callable[..., Frames]) -> None:
    payments, *others = deliver().values()
    users = set(others[0][BUYER])
    assert all(set(frame[BUYER]) == users and len(frame) == 2500 for frame in others)
    unknown = ~payments[BUYER].isin(users)
    assert 0 < unknown.mean() < 0.005


def test_delivery_json_tells_the_days_and_the_arguments(tmp_path: Path) -> None:
    write_sample_data(tmp_path, users=10, seed=3, as_of=date(2025, 1, 30), drift=1)
    files = ["ACTIVE_USER", "DEMOGRAFICOS", "DINERO_CUENTA", "MARKETPLACE_DATA"]
    assert json.loads((tmp_path / "delivery.json").read_text()) == {
        "as_of": "2025-01-30",
        "true_as_of": dict.fromkeys(files, "2024-12-31"),
        "generated": {"users": 10, "seed": 3, "drift": 1.0, "drift_from": "2024-12-02"},
    }


def test_the_same_arguments_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.churn.sample_data.writer.CHUNK", 40)
    done: list[int] = []
    for folder in ("one", "two"):
        write_sample_data(tmp_path / folder, users=100, seed=3, on_progress=done.append)
    write_sample_data(tmp_path / "other", users=100, seed=4)
    one, two, other = (
        {file.name: file.read_bytes() for file in (tmp_path / folder).iterdir()}
        for folder in ("one", "two", "other")
    )
    assert one == two
    assert sorted(one) == [*sorted(f"{name}.csv" for name in COLUMNS), "delivery.json"]
    assert [name for name in one if one[name] == other[name]] == []
    assert done == [40, 80, 100] * 2


def test_weekly_deliveries_agree_on_the_days_they_share(deliver: Callable[..., Frames]) -> None:
    this_week, next_week = AS_OF, AS_OF + timedelta(days=7)
    earlier = deliver(users=500, as_of=this_week)["PAYMENTS"]
    later = deliver(users=500, as_of=next_week)["PAYMENTS"]
    shared = [
        rows[rows["FECHA"].between(later["FECHA"].min(), earlier["FECHA"].max())].reset_index(
            drop=True
        )
        for rows in (earlier, later)
    ]
    pd.testing.assert_frame_equal(*shared)
    assert shared[0]["FECHA"].nunique() == 173
    assert later["FECHA"].max().date() == next_week


def test_nothing_is_later_than_the_day_it_is_true_of(deliver: Callable[..., Frames]) -> None:
    usage = date(2026, 3, 15)
    frames = deliver(users=500, usage_as_of=usage)
    payments = frames["PAYMENTS"]["FECHA"]
    assert (payments.min().date(), payments.max().date()) == (AS_OF - timedelta(days=179), AS_OF)
    logins = frames["ACTIVE_USER"]["last_login_mp_date_1"]
    purchases = frames["MARKETPLACE_DATA"]["RECENCY_ML"]
    assert usage - timedelta(days=29) <= logins.min().date() < logins.max().date() == usage
    assert usage - timedelta(days=179) <= purchases.min().date() < purchases.max().date() == usage

    del frames["PAYMENTS"]
    known_then = deliver(users=500, as_of=usage, usage_as_of=usage)
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, known_then[name])


def test_visits_and_purchases_agree_with_their_days(deliver: Callable[..., Frames]) -> None:
    frames = deliver()
    active, market = frames["ACTIVE_USER"], frames["MARKETPLACE_DATA"]
    assert (active["last_login_mp_date_1"].isna() == (active["MAU_MP_1"] == 0)).all()
    assert (market["RECENCY_ML"].isna() == (market["FREQUENCY_ML"] == 0)).all()
    assert ((market["SPENT_ML"] == 0) == (market["FREQUENCY_ML"] == 0)).all()


def test_a_month_is_the_month_before_of_the_next(deliver: Callable[..., Frames]) -> None:
    first, second = (
        deliver(users=200, usage_as_of=day) for day in (date(2026, 5, 1), date(2026, 5, 31))
    )
    assert first["ACTIVE_USER"]["MAU_ML_1"].equals(second["ACTIVE_USER"]["MAU_ML_2"])
    balances = [frames["DINERO_CUENTA"] for frames in (first, second)]
    assert balances[0]["PLATA_CUENTA_1"].equals(balances[1]["PLATA_CUENTA_2"])


def test_behaviour_foretells_who_stops_paying(deliver: Callable[..., Frames]) -> None:
    made, churned = features(deliver(users=12_000), AS_OF - CUTOFF)
    assert 0.2 < churned.mean() < 0.45
    auc = auc_on_held_out_users(made, churned)
    assert 0.75 < auc < 0.92
    for columns in ("MAU|login", "PLATA", "discount"):
        without = made.drop(columns=made.filter(regex=columns).columns)
        assert auc_on_held_out_users(without, churned) < auc


@pytest.mark.parametrize("day", [date(2020, 3, 1), AS_OF + timedelta(days=7), date(2100, 12, 31)])
def test_without_drift_nothing_shifts(day: date, deliver: Callable[..., Frames]) -> None:
    before, _ = features(deliver(), AS_OF - CUTOFF)
    after, churned = features(deliver(as_of=day), day - CUTOFF)
    assert shifted(before, after) == set()
    assert 0.2 < churned.mean() < 0.45


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_memory_does_not_grow_with_users(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from flows.churn.sample_data.writer import write_sample_data;"
        "write_sample_data(Path(sys.argv[1]), users=int(sys.argv[2]), seed=1);"
        "print(Path('/proc/self/status').read_text())"
    )

    def peak_kilobytes(users: int) -> int:
        done = subprocess.run(
            [sys.executable, "-c", code, tmp_path, str(users)],
            capture_output=True,
            text=True,
            check=True,
        )
        return int(done.stdout.split("VmHWM:")[1].split()[0])

    one_chunk = peak_kilobytes(users.CHUNK)
    three_chunks = peak_kilobytes(3 * users.CHUNK)
    assert three_chunks < 1.25 * one_chunk
    assert three_chunks < 500_000
