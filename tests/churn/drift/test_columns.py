"""Drift means that users changed: each column's values, and the share of users without one."""

import re

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from flows.churn.drift.columns import YES_OR_NO, Compared, compare_columns
from flows.churn.drift.evidently_page import evidently_page, evidently_report
from flows.churn.drift.result import ColumnDrift
from flows.churn.features.definitions import FEATURE_NAMES
from flows.settings.churn import ChurnSettings

CHURN = ChurnSettings()
Values = npt.NDArray[np.float64]


def week(seed: int, users: int = 1000) -> pd.DataFrame:
    """Users whose numbers are skewed and whose answers are yes in 30 %."""
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            name: (draw.random(users) < 0.3).astype(float)
            if name in YES_OR_NO
            else draw.exponential(size=users)
            for name in FEATURE_NAMES
        }
    )


def with_share(users: pd.DataFrame, name: str, value: float, share: float) -> pd.DataFrame:
    """The users with the value in the column of the first of them."""
    cells = users[name].to_numpy(copy=True)
    cells[: round(share * len(users))] = value
    return users.assign(**{name: cells})


def column(found: Compared, name: str) -> ColumnDrift:
    """The verdict on a column."""
    return {each.column_name: each for each in found.columns}[name]


def drifted(found: Compared) -> list[str]:
    """The columns that drifted."""
    return [each.column_name for each in found.columns if each.drifted]


def test_a_week_of_the_same_users_did_not_drift() -> None:
    for users in (100, 1000, 10_000):
        assert drifted(compare_columns(CHURN, week(1, users), week(2, 8 * users))) == []


@pytest.mark.parametrize(
    ("before", "now", "is_drift"),
    [
        (0.0, 0.95, True),
        (0.95, 0.0, True),
        (0.1, 0.25, True),
        (0.1, 0.15, False),
        (0.5, 0.5, False),
    ],
)
def test_the_share_of_missing_values_is_compared(before: float, now: float, is_drift: bool) -> None:
    current = with_share(week(1), "age", np.nan, now)
    reference = with_share(week(2), "age", np.nan, before)

    found = compare_columns(CHURN, current, reference)

    age = column(found, "age")
    assert (age.missing, age.missing_before) == (now, before)
    assert drifted(found) == (["age"] if is_drift else [])
    if is_drift:
        assert (age.method, age.score) == ("missing", pytest.approx(abs(now - before)))
        assert age.threshold == 0.1
    another = CHURN.model_copy(update={"drift_missing_threshold": 0.96})
    assert drifted(compare_columns(another, current, reference)) == []


@pytest.mark.parametrize("name", ["mau_mp_1", "has_card"])
@pytest.mark.parametrize("before", [0.0, 0.005])
def test_a_reference_without_spread_is_compared_as_a_share(name: str, before: float) -> None:
    reference = with_share(week(2).assign(**{name: 0.0}), name, 1.0, before)
    for now, is_drift in ((0.0, False), (0.01, False), (0.05, False), (0.2, True), (1.0, True)):
        current = with_share(week(1).assign(**{name: 0.0}), name, 1.0, now)
        found = column(compare_columns(CHURN, current, reference), name)
        assert (found.method, found.drifted) == ("share", is_drift)
        assert found.score == pytest.approx(abs(now - before))


def test_columns_that_vanish_appear_or_were_never_known() -> None:
    current, reference = week(1), week(2).drop(columns="payments_last_7d")
    current["age"] = np.nan
    # Known of few users before, and of nobody now: less than the share from which others drift.
    reference = with_share(reference, "recency_ml_days", np.nan, 0.95)
    current["recency_ml_days"] = np.nan
    reference["has_card"] = np.nan
    current["mau_mp_1"] = reference["mau_mp_1"] = np.nan

    found = compare_columns(CHURN, current, reference)

    assert found.unknown == ["payments_last_7d", "mau_mp_1"]
    assert drifted(found) == ["recency_ml_days", "age", "has_card"]
    assert {column(found, name).method for name in drifted(found)} == {"missing"}
    gone = {"age", "has_card", "recency_ml_days"} | set(found.unknown)
    assert {each.column_name for each in found.values} == set(FEATURE_NAMES) - gone


def test_thresholds_know_how_many_users_there_are() -> None:
    sizes = (100, 200, 1000, 25_000)
    of_numbers, of_answers = [], []
    for users in sizes:
        found = compare_columns(CHURN, week(1, users), week(2, users))
        of_numbers.append(column(found, "payments_sum").threshold)
        of_answers.append(column(found, "has_card").threshold)
    assert of_numbers == sorted(of_numbers, reverse=True)
    assert of_answers == sorted(of_answers, reverse=True)
    assert of_numbers[0] > 0.4
    assert (of_numbers[-1], of_answers[-1]) == (0.1, 0.05)


def test_a_shift_of_a_third_of_a_deviation_is_seen_among_a_thousand() -> None:
    current = week(1)
    for name in FEATURE_NAMES:
        if name in YES_OR_NO:
            current[name] = (np.random.default_rng(5).random(1000) < 0.3 + 0.458 / 3).astype(float)
        else:
            current[name] += 1 / 3
    assert drifted(compare_columns(CHURN, current, week(2))) == list(FEATURE_NAMES)


def test_a_small_spread_is_a_spread() -> None:
    reference = week(2).assign(avg_discount=week(2)["avg_discount"] / 10_000)
    current = week(1).assign(avg_discount=(week(1)["avg_discount"] + 1) / 10_000)
    found = compare_columns(CHURN, current, reference)
    assert drifted(found) == ["avg_discount"]
    assert column(found, "avg_discount").score == pytest.approx(1, abs=0.15)


@pytest.mark.long
def test_evidently_finds_the_same_and_judges_the_same() -> None:
    reference = week(2, 3000).assign(mau_ml_1=4.0, avg_discount=week(2, 3000)["age"] / 10_000)
    current = week(1).assign(mau_ml_1=4.0, avg_discount=(week(1)["age"] + 1) / 10_000)
    current = with_share(current, "mau_ml_1", 5.0, 0.3)
    current = with_share(with_share(current, "has_card", 1.0, 0.5), "age", 3.0, 0.6)
    current = with_share(current, "spent_ml", np.nan, 0.4)
    found = compare_columns(CHURN, current, reference)

    report = evidently_report(CHURN, found.values, current, reference)

    drift_count, *metrics = report.dict()["metrics"]
    theirs = {metric["config"]["column"]: metric for metric in metrics}
    for ours in found.values:
        metric = theirs[ours.column_name]
        assert metric["config"]["method"] == ours.method
        judged = metric["value"] >= metric["config"]["threshold"]
        assert judged == ours.drifted, ours.column_name
        if ours.column_name != "avg_discount":  # whose spread Evidently takes for a larger one
            assert metric["value"] == pytest.approx(ours.score, abs=1e-9)
            assert metric["config"]["threshold"] == ours.threshold
    assert {each.column_name for each in found.values if each.drifted} == {
        "mau_ml_1",
        "avg_discount",
        "has_card",
        "age",
    }
    assert drift_count["value"]["count"] == 4
    # The page is Evidently's own, though it is made without the metric of each column.
    page = evidently_page(CHURN, found.values, current, reference, "Drift", "All of it.")
    whole = report.get_html_str(as_iframe=False)
    assert without_ids(page.partition("</header>")[2]) == without_ids(whole.partition("<body>")[2])


def without_ids(page: str) -> str:
    """The page with a number for each of its random ids."""
    numbers: dict[str, str] = {}
    ids = r"[0-9a-f]{8}(-?[0-9a-f]{4}){4}[0-9a-f]{8}"
    return re.sub(ids, lambda found: numbers.setdefault(found[0], f"id {len(numbers)}"), page)


def test_without_a_column_to_compare_there_still_is_a_page() -> None:
    page = evidently_page(CHURN, [], week(1), week(2), "Drift of <nobody>", "All is missing.")
    assert "<h1>Drift of &lt;nobody&gt;</h1><p>All is missing.</p>" in page


def test_sensitive_features_that_are_left_out_are_not_compared() -> None:
    churn = ChurnSettings(sensitive_features="leave_out")
    found = compare_columns(churn, week(1), week(2))
    compared = {each.column_name for each in found.columns} | set(found.unknown)
    assert set(FEATURE_NAMES) - compared == {"age", "gender_is_female"}
