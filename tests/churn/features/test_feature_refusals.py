"""Payments from which no features and labels can be made: a sentence, and no summary."""

from pathlib import Path

import pytest

from flows.churn.features.feature_engineering import feature_engineering, feature_table
from flows.churn.planning import plan_training
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
        "PAYMENTS.csv starts on 2026-03-04; a run as of 2026-06-30 needs payments from "
        "2026-03-03 on."
    )


def test_payments_that_end_before_the_label_window(
    churn_settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    deliver(tmp_path, PAYMENTS=[FIRST, LAST_KNOWN, "2026-06-27,7,3,1,,"])
    make_features(churn_settings, tmp_path, AS_OF)  # three silent days may be
    deliver(tmp_path, PAYMENTS=[FIRST, LAST_KNOWN, "2026-06-26,7,3,1,,"])
    assert refusal(elsewhere, tmp_path) == (
        "PAYMENTS.csv ends on 2026-06-26, but the label window ends on 2026-06-30: users would "
        "count as churned for want of data. Run as of 2026-06-26, or deliver the missing days."
    )


@pytest.mark.parametrize(
    ("payers", "found"), [((99,), "All of 3 users"), ((1, 2, 3), "None of 3 users")]
)
def test_nothing_can_be_learned_when_all_or_none_churned(
    payers: tuple[int, ...], found: str, churn_settings: Settings, tmp_path: Path
) -> None:
    window = [f"2026-06-30,7,{user},1,," for user in payers]
    deliver(tmp_path, PAYMENTS=[FIRST, LAST_KNOWN, *window])
    assert refusal(churn_settings, tmp_path) == (
        f"{found} churned from 2026-05-31 to 2026-06-30: there is nothing to learn. "
        "Look at the days in PAYMENTS.csv, column FECHA."
    )


def test_ids_that_differ_are_told_as_the_cause(churn_settings: Settings, tmp_path: Path) -> None:
    shifted = [FIRST, LAST_KNOWN, "2026-06-30,7,99,1,,"]
    shifted = [row.replace(",7,", ",7,100") for row in shifted]
    deliver(tmp_path, PAYMENTS=shifted)
    assert refusal(churn_settings, tmp_path).endswith(
        "there is nothing to learn. 0% of the users of PAYMENTS.csv are in another file: do all "
        "files write the same ids in CUS_CUST_ID_BUY?"
    )
