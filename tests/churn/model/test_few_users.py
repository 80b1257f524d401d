"""A training on few users: refused before the fit, or done, with what could not be measured."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows.churn.model.train_spark_model import report_training
from flows.errors import BadInput
from flows.platform.compute.spark import stop_spark
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings
from tests.churn.churn_files import deliver
from tests.churn.model.training_runs import judge, train

pytestmark = pytest.mark.xdist_group("spark")


@pytest.fixture(scope="module", autouse=True)
def _spark_ends() -> Iterator[None]:
    yield
    stop_spark()


def deliver_payers(folder: Path, users: int, *, stay: Callable[[int], bool]) -> Path:
    """Users who paid once half a year ago, and in the label window those who stay."""
    payers = range(1, users + 1)
    paid = [f"2025-12-01,7,{user},10,Instore," for user in payers]
    paid += [f"2026-06-30,7,{user},10,Instore," for user in payers if stay(user)]
    return deliver(
        folder,
        PAYMENTS=paid,
        ACTIVE_USER=[f"{user},{user % 7},3,2,2026-05-20" for user in payers],
        DEMOGRAFICOS=[f"{user},{20 + user % 50},F,None," for user in payers],
        DINERO_CUENTA=[f"{user},{user},5,Pending" for user in payers],
        MARKETPLACE_DATA=[f"{user},5,2026-05-01,2" for user in payers],
    )


@pytest.mark.parametrize(
    ("users", "stay", "part", "facts"),
    [
        (
            2,
            1,
            "of the 0 users in the validation part, 0 churned and 0 stayed",
            "1 of 2 users of the files about users (column CUS_CUST_ID_BUY) made a payment: these "
            "days hold 1 of the 3 payments",
        ),
        (
            60,
            7,
            "of the 6 users in the validation part, 6 churned and 0 stayed",
            "1 of 60 users of the files about users (column CUS_CUST_ID_BUY) made a payment: these "
            "days hold 1 of the 61 payments",
        ),
    ],
)
def test_too_few_users_of_a_class_are_told(
    settings: Settings, tmp_path: Path, users: int, stay: int, part: str, facts: str
) -> None:
    source = deliver_payers(tmp_path, users, stay=lambda user: user == stay)
    with pytest.raises(BadInput) as error:
        train(settings, f"{users} users", source)
    assert str(error.value) == (
        f"Too few users to train on: {part}; it needs some of both. From 2026-06-01 to 2026-06-30, "
        f"{facts} in PAYMENTS.csv, column FECHA; the last one before them is of 2025-12-01. "
        "Deliver more users, or run as of a day whose window has more of both."
    )
    # Nothing was begun that MLflow would keep as failed.
    client = mlflow_client(settings)
    experiments = [found.experiment_id for found in client.search_experiments()]
    assert not client.search_runs(experiments, f"tags.`kpi.run_id` = '{users} users'")


def test_parts_without_users_are_told_and_stop_nothing(settings: Settings, tmp_path: Path) -> None:
    # Nobody paid in the last 90 days, nor one label window earlier.
    source = deliver_payers(tmp_path, 40, stay=lambda user: bool(user % 2))
    run, training = train(settings, "nobody recent", source)

    assert training.recent is None
    assert training.out_of_time_roc_auc is None
    report, gains = report_training(settings, run)
    assert {row["users"] for row in gains.content} == {"all"}
    assert training.decision.active is None
    assert training.decision.among == "all"
    told = {row["users"]: row["ROC AUC"] for row in report.content}
    assert told["holdout, paid in the last 90 days"] == "too few users"
    assert told["the same, fitted one label window earlier"] == "too few users"
    client = mlflow_client(settings)
    path = client.download_artifacts(training.mlflow_run_id, "model_card.md", str(tmp_path))
    card = Path(path).read_text(encoding="utf-8")
    assert "| of them, paid in the last 90 days | too few users |" in card
    assert "the one fitted 30 days earlier (too few users), both" in card
    assert "among all users, for too few of them paid in the last 90 days" in card
    plots = {item.path for item in client.list_artifacts(training.mlflow_run_id, "plots")}
    assert "plots/calibration.png" in plots

    promotion = judge(settings, run)
    assert not promotion.promoted
    assert "20 holdout users (at least 200)" in promotion.reasons
