"""Payments from which no features and labels can be made: a sentence, and no summary."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.churn.features.feature_engineering import feature_engineering, feature_table
from flows.churn.features.snapshots.build_current_snapshot import build_current_snapshot
from flows.churn.planning import plan_snapshot, plan_training
from flows.churn.sources.clean_raw_sources import clean_raw_sources
from flows.errors import BadInput
from flows.settings import Settings
from tests.churn.churn_files import AS_OF, deliver
from tests.churn.features.churn_features import make_features

FIRST, LAST_KNOWN, IN_WINDOW = "2026-03-03,7,1,1,,", "2026-05-31,7,3,1,,", "2026-06-30,7,3,1,,"


@pytest.fixture
def elsewhere(churn_settings: Settings, tmp_path: Path) -> Settings:
    """Settings with a home in which nothing ran."""
    return churn_settings.model_copy(update={"home": tmp_path / "elsewhere"})


def refusal(settings: Settings, folder: Path) -> str:
    run = plan_training(settings, AS_OF, source=folder, run_id="run")
    clean_raw_sources(settings, run)
    with pytest.raises(BadInput) as error:
        feature_engineering(settings, run)
    with pytest.raises(BadInput, match=r"^Run run has no features\. Start the run again"):
        feature_table(settings, run)
    return str(error.value)


def test_payments_that_start_too_late(
    churn_settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    deliver(tmp_path, PAYMENTS=[FIRST, LAST_KNOWN, IN_WINDOW])
    _, table = make_features(churn_settings, tmp_path, AS_OF)
    assert table.lookback_days == churn_settings.churn.min_lookback_days
    deliver(tmp_path, PAYMENTS=["2026-03-04,7,1,1,,", LAST_KNOWN, IN_WINDOW])
    assert refusal(elsewhere, tmp_path) == (
        "PAYMENTS.csv, column FECHA, starts on 2026-03-04; a run as of 2026-06-30 needs payments "
        "from 2026-03-03 on. Deliver them, or run as of a later day."
    )


def test_payments_all_of_which_are_later_than_the_cutoff(
    churn_settings: Settings, tmp_path: Path
) -> None:
    deliver(tmp_path, PAYMENTS=["2026-06-01,7,1,1,,", IN_WINDOW])
    assert refusal(churn_settings, tmp_path) == (
        "PAYMENTS.csv, column FECHA, starts on 2026-06-01, later than 2026-05-31, the last day "
        "that features may know; a run as of 2026-06-30 needs payments from 2026-03-03 on. "
        "Deliver them, or run as of a later day."
    )


def test_payments_that_end_before_the_label_window(
    churn_settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    deliver(tmp_path, PAYMENTS=[FIRST, LAST_KNOWN, "2026-06-27,7,3,1,,"])
    make_features(churn_settings, tmp_path, AS_OF)  # three silent days may be
    deliver(tmp_path, PAYMENTS=[FIRST, LAST_KNOWN, "2026-06-26,7,3,1,,"])
    assert refusal(elsewhere, tmp_path) == (
        "PAYMENTS.csv, column FECHA, ends on 2026-06-26, but the label window ends on 2026-06-30: "
        "users would count as churned for want of data. Run as of 2026-06-26, or deliver the "
        "missing days."
    )


def test_payments_that_end_before_the_day_of_a_snapshot(
    churn_settings: Settings, tmp_path: Path
) -> None:
    deliver(tmp_path, PAYMENTS=[FIRST, LAST_KNOWN])
    run = plan_snapshot(churn_settings, AS_OF, source=tmp_path, run_id="run")
    with pytest.raises(BadInput) as error:
        build_current_snapshot(churn_settings, run)
    assert str(error.value) == (
        "PAYMENTS.csv, column FECHA, ends on 2026-05-31, so users as of 2026-06-30 would count as "
        "silent for want of data. Run as of 2026-05-31, or deliver the missing days."
    )


def test_users_who_all_paid_in_the_label_window(churn_settings: Settings, tmp_path: Path) -> None:
    window = [f"2026-06-30,7,{user},1,," for user in (1, 2, 3)]
    deliver(tmp_path, PAYMENTS=[FIRST, LAST_KNOWN, *window])
    assert refusal(churn_settings, tmp_path) == (
        "None of 3 users churned: there is nothing to learn. From 2026-06-01 to 2026-06-30, 3 of 3 "
        "users of the files about users (column CUS_CUST_ID_BUY) made a payment: these days hold 3 "
        "of the 5 payments in PAYMENTS.csv, column FECHA; the last one before them is of "
        "2026-05-31. Do those files list only users who still paid? They need those who no longer "
        "do."
    )


def test_one_user_is_one_user(churn_settings: Settings, tmp_path: Path) -> None:
    alone = {"ACTIVE_USER": "1,,,,", "DEMOGRAFICOS": "1,,,,", "DINERO_CUENTA": "1,,,"}
    files = {name: [row] for name, row in (alone | {"MARKETPLACE_DATA": "1,,,"}).items()}
    deliver(tmp_path, PAYMENTS=[FIRST, "2026-06-30,7,1,1,,"], **files)
    assert refusal(churn_settings, tmp_path).startswith(
        "None of 1 user churned: there is nothing to learn. From 2026-06-01 to 2026-06-30, 1 of 1 "
        "user of the files about users "
    )


def test_payments_of_the_label_window_with_other_ids(
    churn_settings: Settings, tmp_path: Path
) -> None:
    deliver(tmp_path, PAYMENTS=[FIRST, LAST_KNOWN, "2026-06-29,7,98,1,,", "2026-06-30,7,99,1,,"])
    found = refusal(churn_settings, tmp_path)
    assert found.startswith("All of 3 users churned: there is nothing to learn. From 2026-06-01 to")
    assert found.endswith(
        "these days hold 2 of the 4 payments in PAYMENTS.csv, column FECHA; the last one before "
        "them is of 2026-05-31. 2 users made them, whom none of the files about users knows: does "
        "PAYMENTS.csv write the ids of these days as they do?"
    )


def test_a_label_window_without_payments(
    make_churn_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    deliver(tmp_path, PAYMENTS=[FIRST, LAST_KNOWN, "2026-07-30,7,1,1,,"])
    assert refusal(make_churn_settings(), tmp_path).endswith(
        "0 of 3 users of the files about users (column CUS_CUST_ID_BUY) made a payment: these days "
        "hold 0 of the 3 payments in PAYMENTS.csv, column FECHA; the last one before them is of "
        "2026-05-31. Run as of 2026-05-31, or deliver the missing days."
    )


def test_ids_that_differ_are_told_as_the_cause(churn_settings: Settings, tmp_path: Path) -> None:
    shifted = [FIRST, LAST_KNOWN, "2026-06-30,7,99,1,,"]
    shifted = [row.replace(",7,", ",7,100") for row in shifted]
    deliver(tmp_path, PAYMENTS=shifted)
    found = refusal(churn_settings, tmp_path)
    assert found.startswith("All of 3 users churned: there is nothing to learn. ")
    assert found.endswith(
        "0% of the users of PAYMENTS.csv are in another file: do all files write the same ids in "
        "CUS_CUST_ID_BUY?"
    )


def test_nobody_who_had_paid_is_left(
    make_churn_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    deliver(tmp_path, PAYMENTS=["2026-03-03,7,99,1,,", IN_WINDOW])
    assert refusal(make_churn_settings(never_paid="leave_out"), tmp_path) == (
        "No user of the files about users (column CUS_CUST_ID_BUY) had paid by 2026-05-31 "
        "(PAYMENTS.csv, column FECHA): there is nothing to learn."
    )


def test_a_snapshot_of_nobody(make_churn_settings: Callable[..., Settings], tmp_path: Path) -> None:
    settings = make_churn_settings(newer_files="leave_out")
    days = dict.fromkeys(
        ("ACTIVE_USER", "DEMOGRAFICOS", "DINERO_CUENTA", "MARKETPLACE_DATA"), "2026-07-01"
    )
    deliver(tmp_path, PAYMENTS=["2026-01-01,7,99,1,,", "2026-06-30,7,99,1,,"], true_as_of=days)
    run = plan_snapshot(settings, AS_OF, source=tmp_path, run_id="run")
    with pytest.raises(BadInput) as error:
        build_current_snapshot(settings, run)
    assert str(error.value) == (
        "No user is described as of 2026-06-30: the files about users (ACTIVE_USER, DEMOGRAFICOS, "
        "DINERO_CUENTA, MARKETPLACE_DATA) are newer, and none of their users (column "
        "CUS_CUST_ID_BUY) had paid by then (PAYMENTS.csv, column FECHA)."
    )


def test_a_day_that_is_much_later_than_the_others_is_told(
    churn_settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stray = "2027-12-31,7,1,1,,"
    deliver(tmp_path, PAYMENTS=[FIRST, LAST_KNOWN, IN_WINDOW, stray])
    told = (
        "PAYMENTS.csv, column FECHA, holds no payment from 2026-07-01 to 2027-12-30, and the run "
        "is as of 2027-12-31: users count as silent for want of data. Are days missing, or is a "
        "later one wrong?"
    )
    make_features(churn_settings, tmp_path)
    assert told in caplog.text
    caplog.clear()
    run = plan_snapshot(churn_settings, source=tmp_path, run_id="snapshot")
    build_current_snapshot(churn_settings, run)
    assert told in caplog.text


def test_days_as_silent_as_the_setting_allows_are_not_told(
    churn_settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    window = [f"2026-{day},7,3,1,," for day in ("06-04", "06-08", "06-12", "06-16", "06-20")]
    window += [f"2026-{day},7,3,1,," for day in ("06-24", "06-28", "06-30")]
    deliver(tmp_path, PAYMENTS=[FIRST, LAST_KNOWN, *window])
    make_features(churn_settings, tmp_path, AS_OF)
    assert "holds no payment from" not in caplog.text
