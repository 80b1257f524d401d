"""Every feature, computed by hand; and who churned, at the edges of the label window."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.churn.features.definitions import FEATURE_NAMES, feature
from flows.churn.features.feature_engineering import feature_table
from flows.settings import Settings
from tests.churn.churn_files import AS_OF, CUTOFF, HEADERS, ROWS, deliver
from tests.churn.features.churn_features import (
    earlier_features,
    feature_frame,
    features,
    make_features,
)

# The first day makes a lookback of 90: as many days as there are up to the earlier cutoff.
PAYMENTS = (
    "2026-02-01,7,1,500,Instore,9",
    "2026-03-02,7,1,1000,Instore,9",  # 90 days before the cutoff: one too many
    "2026-03-03,7,1,40,Instore,4",  # 89
    "2026-04-01,8,1,1.25,Transport,",  # 60
    "2026-04-02,7,1,10,Utilities,",  # 59
    "2026-05-01,,1,5,Instore,",  # 30: also the earlier cutoff
    "2026-05-02,7,1,7.50,Instore,1",  # 29
    "2026-05-24,7,1,2,,",  # 7
    "2026-05-25,7,1,3,Utilities,0",  # 6
    "2026-05-25,9,1,3,TopUps,2",  # 6
    "2026-05-31,7,3,12,Instore,",  # 0: the cutoff
    "2026-06-01,7,2,99,Instore,9",  # the first day of the label window
    "2026-06-30,7,4,99,Instore,9",  # the last one
    "2026-07-01,7,3,99,Instore,9",  # the day after
    "2026-06-15,7,99,99,Instore,9",  # a user of whom nothing else is known
)
FILES = {
    "PAYMENTS": PAYMENTS,
    "ACTIVE_USER": ("2,4,5,6,2026-05-11", "1,9,8,7,2026-05-31"),
    "DEMOGRAFICOS": ("1,30,F,Debit,Lima", "2,41,M,None,", "3,,,,"),
    "DINERO_CUENTA": ("1,150.25,-99.5,Elegible", "2,0,,Pending", "3,1,1,"),
    "MARKETPLACE_DATA": ("1,80.10,2026-05-01,3", "2,0,,0", "4,7.5,2026-05-31,1"),
}
NO_RHYTHM = dict.fromkeys(["mean_gap_days", "last_gap_days", "days_late"])
NO_PAYMENTS = {
    **{name: 0 for name in FEATURE_NAMES if feature(name).source == "payments"},
    "payment_recency_days": 90,
    **NO_RHYTHM,
}
UNKNOWN = dict.fromkeys(name for name in FEATURE_NAMES if feature(name).source == "user")
BY_HAND: dict[int, dict[str, float | None]] = {
    1: {
        "payments_last_7d": 2,
        "payments_last_30d": 4,
        "payments_last_60d": 6,
        "payments_last_90d": 8,
        "payments_30d_before": 2,
        "payment_days": 7,
        "payment_recency_days": 6,
        "first_payment_days": 89,
        "mean_gap_days": pytest.approx(83 / 6, rel=1e-15),
        "last_gap_days": 1,
        "days_late": pytest.approx(6 - 83 / 6, rel=1e-15),
        "payments_sum": 71.75,
        "payments_sum_last_30d": 15.5,
        "avg_discount": 0.875,
        "discounted_share": 0.375,
        "instore_payments": 3,
        "utilities_payments": 2,
        "mau_mp_1": 9,
        "mau_ml_1": 8,
        "mau_ml_2": 7,
        "login_recency_days": 0,
        "saldo_mes_actual": 150.25,
        "saldo_mes_previo": -99.5,
        "has_investment": 1,
        "spent_ml": 80.1,
        "frequency_ml": 3,
        "recency_ml_days": 30,
        "age": 30,
        "gender_is_female": 1,
        "has_card": 1,
    },
    2: {
        **NO_PAYMENTS,
        "mau_mp_1": 4,
        "mau_ml_1": 5,
        "mau_ml_2": 6,
        "login_recency_days": 20,
        "saldo_mes_actual": 0,
        "saldo_mes_previo": None,
        "has_investment": 0,
        "spent_ml": 0,
        "frequency_ml": 0,
        "recency_ml_days": None,
        "age": 41,
        "gender_is_female": 0,
        "has_card": 0,
    },
    3: {
        **NO_PAYMENTS,
        **UNKNOWN,
        "payments_last_7d": 1,
        "payments_last_30d": 1,
        "payments_last_60d": 1,
        "payments_last_90d": 1,
        "payment_days": 1,
        "payment_recency_days": 0,
        "payments_sum": 12,
        "payments_sum_last_30d": 12,
        "instore_payments": 1,
        "saldo_mes_actual": 1,
        "saldo_mes_previo": 1,
    },
    4: {**NO_PAYMENTS, **UNKNOWN, "spent_ml": 7.5, "frequency_ml": 1, "recency_ml_days": 0},
}


def by_user(frame: pd.DataFrame) -> dict[int, dict[str, Any]]:
    found = frame.astype(object).where(frame.notna(), None)
    return {int(str(user)): dict(row[list(FEATURE_NAMES)]) for user, row in found.iterrows()}


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    return deliver(tmp_path, **FILES)


def test_each_feature_by_hand(churn_settings: Settings, delivery: Path) -> None:
    run, table = make_features(churn_settings, delivery, AS_OF)
    frame = feature_frame(churn_settings, run)
    assert by_user(frame) == BY_HAND
    assert list(frame.index) == [1, 2, 3, 4]
    assert (table.cutoff, table.lookback_days, table.users) == (CUTOFF, 90, 4)
    assert feature_table(churn_settings, run) == table


def test_the_label_window_begins_after_the_cutoff_and_ends_with_its_last_day(
    churn_settings: Settings, delivery: Path
) -> None:
    run, table = make_features(churn_settings, delivery, AS_OF)
    churned = dict(feature_frame(churn_settings, run)["churned"])
    assert churned == {1: 1, 2: 0, 3: 1, 4: 0}
    assert table.churned == 2


def test_one_label_window_earlier_payments_alone_are_known(
    churn_settings: Settings, delivery: Path
) -> None:
    run, _ = make_features(churn_settings, delivery, AS_OF)
    earlier = feature_frame(churn_settings, run, earlier_features)
    assert list(earlier.index) == [1]
    assert dict(earlier["churned"]) == {1: 0}
    found = by_user(earlier)[1]
    assert {name: found[name] for name in UNKNOWN} == UNKNOWN
    payments = {name: found[name] for name in NO_PAYMENTS}
    assert payments == {
        "payments_last_7d": 1,
        "payments_last_30d": 2,
        "payments_last_60d": 4,
        "payments_last_90d": 6,
        "payments_30d_before": 2,
        "payment_days": 6,
        "payment_recency_days": 0,
        "first_payment_days": 89,
        "mean_gap_days": pytest.approx(89 / 5, rel=1e-15),
        "last_gap_days": 29,
        "days_late": pytest.approx(-89 / 5, rel=1e-15),
        "payments_sum": 1556.25,
        "payments_sum_last_30d": 15,
        "avg_discount": pytest.approx(22 / 6, rel=1e-15),
        "discounted_share": 0.5,
        "instore_payments": 4,
        "utilities_payments": 1,
    }


@pytest.mark.parametrize(
    "name",
    [
        *("payments_last_60d", "payments_sum", "avg_discount", "mau_mp_1", "mau_ml_1", "mau_ml_2"),
        *("saldo_mes_actual", "saldo_mes_previo", "spent_ml", "frequency_ml", "has_investment"),
        *("gender_is_female", "recency_ml_days"),
    ],
)
def test_names_that_dashboards_know_stay(name: str) -> None:
    assert feature(name).description
    assert FEATURE_NAMES.count(name) == 1


def test_a_user_without_an_earlier_file_counts_days_from_the_day_that_the_file_is_true(
    churn_settings: Settings, tmp_path: Path
) -> None:
    files = {**FILES, "ACTIVE_USER": ("1,9,8,7,2026-05-11",)}
    days = {"ACTIVE_USER": "2026-05-21", "MARKETPLACE_DATA": "2026-05-31"}
    run, _ = make_features(churn_settings, deliver(tmp_path, **files, true_as_of=days), AS_OF)
    frame = feature_frame(churn_settings, run)
    assert frame["login_recency_days"][1] == 10
    assert frame["recency_ml_days"][1] == 30


def test_a_newer_file_that_is_left_out_says_nothing_and_adds_nobody(
    make_churn_settings: Callable[..., Settings],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = make_churn_settings(newer_files="leave_out")
    deliver(tmp_path, **FILES, true_as_of={"MARKETPLACE_DATA": "2026-06-30"})
    run, table = make_features(settings, tmp_path, AS_OF)
    nothing = dict.fromkeys(["spent_ml", "frequency_ml", "recency_ml_days"])
    # User 4 is in that file alone, and never paid by the cutoff.
    expected = {user: {**known, **nothing} for user, known in BY_HAND.items() if user != 4}
    assert by_user(feature_frame(settings, run)) == expected
    assert table.empty_features == list(nothing)
    assert "Nothing is known about spent_ml, frequency_ml, recency_ml_days" in caplog.text


def test_features_of_columns_that_are_empty_are_listed(
    churn_settings: Settings, tmp_path: Path
) -> None:
    empty = {"DEMOGRAFICOS": ["1,,,,", "2,,,,"], "DINERO_CUENTA": ["1,,,", "3,,,"]}
    _, table = make_features(churn_settings, deliver(tmp_path, **{**FILES, **empty}), AS_OF)
    balances = ["saldo_mes_actual", "saldo_mes_previo", "has_investment"]
    assert table.empty_features == [*balances, "age", "gender_is_female", "has_card"]


def test_the_same_sources_make_the_same_bytes(
    churn_settings: Settings, delivery: Path, tmp_path: Path
) -> None:
    (first, one), (second, two) = (
        make_features(churn_settings, delivery, AS_OF, run_id) for run_id in ("one", "two")
    )
    for folder in (features, earlier_features):
        bytes_of = [
            [file.read_bytes() for file in sorted(folder(churn_settings, run).iterdir())]
            for run in (first, second)
        ]
        assert bytes_of[0] == bytes_of[1]
    assert one == two
    lines = [HEADERS["DEMOGRAFICOS"], *FILES["DEMOGRAFICOS"][:-1], "3,,M,,"]
    (tmp_path / "DEMOGRAFICOS.csv").write_text("\n".join(lines))
    _, other = make_features(churn_settings, delivery, AS_OF, "other")
    assert other.dataset_sha256 != one.dataset_sha256
    changed = [name for name in ROWS if other.sources_sha256[name] != one.sources_sha256[name]]
    assert changed == ["DEMOGRAFICOS"]


@pytest.mark.parametrize(
    ("lookback_days", "used", "recency", "total"),
    [(3660, 90, 90, 71.75), (90, 90, 90, 71.75), (60, 60, 60, 30.5), (30, 30, 30, 15.5)],
)
def test_the_lookback_is_what_payments_hold_at_most(
    lookback_days: int,
    used: int,
    recency: int,
    total: float,
    make_churn_settings: Callable[..., Settings],
    delivery: Path,
) -> None:
    settings = make_churn_settings(lookback_days=lookback_days)
    run, table = make_features(settings, delivery, AS_OF)
    frame = feature_frame(settings, run)
    assert table.lookback_days == used
    assert frame["payment_recency_days"][2] == recency
    assert frame["payments_sum"][1] == total


def test_users_who_had_never_paid_may_be_left_out(
    make_churn_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    first_payment_in_window = "2026-06-01,7,3,5,,"
    source = deliver(tmp_path, PAYMENTS=[*ROWS["PAYMENTS"], first_payment_in_window])
    run, _ = make_features(make_churn_settings(), source, AS_OF, "all")
    settings = make_churn_settings(never_paid="leave_out")
    payers, table = make_features(settings, source, AS_OF, "payers")

    # User 3 paid only after the cutoff, which features may not know.
    assert feature_frame(settings, run).index.tolist() == [1, 2, 3]
    assert feature_frame(settings, payers).index.tolist() == [1, 2]
    assert (table.users, table.joins.never_paid) == (2, 0)
