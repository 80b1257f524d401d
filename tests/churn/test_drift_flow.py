"""The flow churn-drift-monitor on a real Prefect API: what people see of a run."""

import json
from typing import Any

import pytest

from flows.churn.folders import drift_report
from flows.churn.pipeline import DRIFT_MONITOR
from flows.platform.warehouse.connection import database_url
from flows.settings import Settings
from tests.churn.retraining import note_trainings
from tests.churn.weekly_deliveries import Week, deliveries, sunday
from tests.flow_runs import Ended, run_flow
from tests.webhook import webhook

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Week:
    """Writes the delivery of a week."""
    return deliveries(tmp_path_factory.mktemp("weeks"))


def monitor_drift(**parameters: Any) -> Ended:
    from flows.churn.drift_monitor import churn_drift_monitor

    return run_flow(churn_drift_monitor, **parameters)


def test_runs_show_what_drifted_and_train_when_it_lasts(
    settings: Settings,
    week: Week,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", database_url(settings))
    monkeypatch.setenv("KPI_CHURN__DRIFT_WEEKS_TO_RETRAIN", "1")
    asked = note_trainings(monkeypatch)
    with webhook() as hook:
        monkeypatch.setenv("KPI_WEBHOOK_URL", hook.url)

        ended = monitor_drift(source=str(week(0)), retrain=True)

        assert ended.completed
        assert list(ended.artifacts) == ["churn-drift-summary"]
        assert "nothing to compare with yet" in ended.artifacts["churn-drift-summary"].data

        ended = monitor_drift(source=str(week(1)), simulate_drift=1, retrain=True)

        assert ended.completed
        assert ended.flow_run.name == f"{DRIFT_MONITOR.title} as of the latest day, SIMULATED"
        for artifact in ended.artifacts.values():
            assert "SIMULATED drift of 1" in artifact.description
        assert {
            row["simulated"] for row in json.loads(ended.artifacts["churn-drift-columns"].data)
        } == {True}
        assert asked == []

        ended = monitor_drift(source=str(week(1, drift=1)), retrain=True)

    assert ended.completed
    page = drift_report(settings, sunday(1))
    assert page.exists()
    assert page.as_uri() in ended.artifacts["churn-drift-report"].data
    shown = json.loads(ended.artifacts["churn-drift-columns"].data)
    farthest, *_, nearest = shown
    order = [column["score"] / column["threshold"] for column in shown]
    assert order == sorted(order, reverse=True)
    assert (farthest["missing"], farthest["missing_before"]) == (0, 0)
    assert (farthest["drifted"], nearest["drifted"]) == (True, False)
    assert "the week counts as drifted" in ended.artifacts["churn-drift-summary"].data
    assert f"- {sunday(0)}" in ended.artifacts["churn-drift-summary"].data
    assert asked == [(sunday(1), str(week(1, drift=1)))]
    assert "No Prefect server takes events here" in caplog.text
    assert [text.split(": ")[0] for text in hook.texts] == [
        "churn-drift-monitor as of 2026-06-28",
        "churn-drift-monitor as of 2026-07-05, SIMULATED drift of 1",
        "churn-drift-monitor as of 2026-07-05",
    ]
    assert hook.texts[2].endswith("1 of the last 1 weeks drifted: churn.drift.lasting.")
