"""What retention refuses before it removes anything."""

from datetime import date, timedelta

import pytest

from flows.errors import BadInput
from flows.retention.run import plan_prune
from flows.settings import Settings, load_settings


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("RETENTION__RAW_DAYS", "-3", "KPI_RETENTION__RAW_DAYS: Input should be greater than"),
        ("RETENTION__MODE", "delete", "KPI_RETENTION__MODE: Input should be 'dry-run' or 'prune'"),
        ("RETENTION__RAW_DAYS", "4", "KPI_RETENTION__RAW_DAYS is 4, but KPI_CRYPTO__WINDOW_DAYS"),
        ("RETENTION__RUNS_DAYS", "90", "KPI_RETENTION__RUNS_DAYS is 90, but KPI_RETENTION__RAW"),
        ("RETENTION__DRIFT_DAYS", "60", "KPI_RETENTION__DRIFT_DAYS is 60, but the 14 weeks of"),
        ("RETENTION__MLFLOW_DAYS", "7", "KPI_RETENTION__MLFLOW_DAYS is 7, but KPI_CHURN__LABEL"),
    ],
)
def test_a_setting_that_would_remove_what_is_needed_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(f"KPI_{name}", value)
    with pytest.raises(BadInput, match=sentence):
        plan_prune(load_settings())


def test_nothing_is_as_old_as_a_day_to_come() -> None:
    tomorrow = date.today() + timedelta(days=2)
    with pytest.raises(BadInput, match=f"--as-of {tomorrow} is to come"):
        plan_prune(Settings(), tomorrow)


def test_until_somebody_turns_it_on_it_only_tells() -> None:
    assert not plan_prune(Settings()).removes
    assert plan_prune(Settings(), mode="prune").removes
