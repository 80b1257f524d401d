"""Files that hardly know the same users stop a run: their ids cannot be the same."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.churn.planning import plan_training
from flows.churn.sources.clean_raw_sources import CleanSources, clean_raw_sources, report_sources
from flows.errors import BadInput
from flows.settings import Settings
from tests.churn.churn_files import ROWS, deliver

Clean = Callable[..., CleanSources]

PAYERS = (1, 2, 3, 4)
PAYMENTS = [f"2026-0{month},7,{user},5,Instore," for user in PAYERS for month in ("2-01", "6-30")]


def about(users: "range | tuple[int, ...]") -> dict[str, list[str]]:
    """The four files about these users, with empty cells."""
    cells = {"ACTIVE_USER": 4, "DEMOGRAFICOS": 4, "DINERO_CUENTA": 3, "MARKETPLACE_DATA": 3}
    return {name: [f"{user}{',' * number}" for user in users] for name, number in cells.items()}


@pytest.fixture
def clean(make_churn_settings: Callable[..., Settings], tmp_path: Path) -> Clean:
    """The step on a delivery of these files."""

    def run(files: dict[str, list[str]], **churn: float) -> CleanSources:
        settings = make_churn_settings(**churn)
        source = deliver(tmp_path, **{"PAYMENTS": PAYMENTS, **files})
        return clean_raw_sources(settings, plan_training(settings, source=source, run_id="run"))

    return run


def test_users_are_counted_for_each_pair_of_files(clean: Clean) -> None:
    joins = clean(about(PAYERS) | {"DINERO_CUENTA": ["1,,,", "2,,,", "8,,,", "9,,,"]}).joins
    assert joins.users == dict.fromkeys(ROWS, 4)
    assert joins.shared["PAYMENTS"] == {
        "ACTIVE_USER": 4,
        "DEMOGRAFICOS": 4,
        "DINERO_CUENTA": 2,
        "MARKETPLACE_DATA": 4,
    }
    assert joins.shared["DINERO_CUENTA"] == dict.fromkeys(
        ("PAYMENTS", "ACTIVE_USER", "DEMOGRAFICOS", "MARKETPLACE_DATA"), 2
    )
    assert joins.known == dict.fromkeys(ROWS, 4) | {"DINERO_CUENTA": 2}
    assert joins.never_paid == 2


def test_they_are_in_the_log_and_in_a_report(
    churn_settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    source = deliver(tmp_path, PAYMENTS=PAYMENTS, **about((1, 2, 3, 9)))
    run = plan_training(churn_settings, source=source, run_id="run")
    clean_raw_sources(churn_settings, run)
    assert "ACTIVE_USER.csv 75%, DEMOGRAFICOS.csv 75%" in caplog.text
    assert "1 user of the others never paid" in caplog.text
    [_, joins] = report_sources(churn_settings, run)
    assert joins.key == "churn-joins"
    assert (
        "'users of': 'PAYMENTS.csv', 'number': '4', 'in PAYMENTS': '', 'in ACTIVE_USER': '75"
        in (str(joins))
    )


def test_a_file_with_other_ids_is_refused_with_ids_of_both(clean: Clean) -> None:
    shifted = about(tuple(user + 1_000_000 for user in PAYERS))
    with pytest.raises(BadInput) as error:
        clean(about(PAYERS) | {"DEMOGRAFICOS": shifted["DEMOGRAFICOS"]})
    assert error.value.in_full == (
        "DEMOGRAFICOS.csv knows 0.0% of the users of PAYMENTS.csv (at least 50%): PAYMENTS.csv has "
        "users 1, 2, 3; DEMOGRAFICOS.csv has users 1000001, 1000002, 1000003. Do both write the "
        "same ids, of the same customers? Lower KPI_CHURN__MIN_KNOWN_SHARE where so few are right."
    )
    # In states, logs and messages.
    assert "(at least 50%). Do both write the same ids" in str(error.value)


def test_a_file_full_of_strangers_is_refused(clean: Clean) -> None:
    strangers = about((*PAYERS, *range(101, 106)))
    with pytest.raises(
        BadInput, match=r"^44\.4% of the users of MARKETPLACE_DATA\.csv are in PAYM"
    ):
        clean(about(PAYERS) | {"MARKETPLACE_DATA": strangers["MARKETPLACE_DATA"]})


def test_how_few_are_right_is_a_setting(clean: Clean) -> None:
    half = about(PAYERS) | {"ACTIVE_USER": ["1,,,,", "2,,,,"]}
    clean(half)
    with pytest.raises(BadInput, match=r"^ACTIVE_USER\.csv knows 50\.0% .* \(at least 60%\)"):
        clean(half, min_known_share=0.6)
    clean(about(range(101, 105)), min_known_share=0)
