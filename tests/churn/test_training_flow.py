"""The flow churn-training on a real Prefect API: what people see, and where it stops."""

import asyncio
import json
import shutil
import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.churn.folders import churn_runs
from flows.churn.pipeline import TRAINING
from flows.churn.production import ledger
from flows.platform.pipeline.lock import pipeline_lock
from flows.platform.pipeline.run import Run
from flows.platform.tracking.client import mlflow_client
from flows.platform.warehouse.connection import database_url
from flows.settings import Settings
from tests.churn.model.training_runs import SAMPLE
from tests.flow_runs import Ended, run_flow
from tests.platform.pipeline.lineage.read_events import events_of, kinds_of
from tests.webhook import webhook

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

NO_SUCH_FILE = "No such file or directory"
_POLL_SECONDS = 1


@pytest.fixture(autouse=True)
def _warehouse(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", database_url(settings))


def train(**parameters: Any) -> Ended:
    from flows.churn.training import churn_training

    return run_flow(churn_training, **parameters)


def answer_when_asked(settings: Settings, **answer: Any) -> threading.Thread:
    """Answer the first flow run that waits for it, as a person does in Prefect."""

    async def answer_it() -> None:
        # Not before: two that lay out Prefect's database at once are in each other's way.
        while not list(churn_runs(settings).glob("*/decision.json")):
            await asyncio.sleep(_POLL_SECONDS)
        from prefect import get_client
        from prefect.client.schemas import filters
        from prefect.client.schemas.objects import StateType

        paused = filters.FlowRunFilterStateType(any_=[StateType.PAUSED])
        waiting = filters.FlowRunFilter(state=filters.FlowRunFilterState(type=paused))
        async with get_client() as client:
            while not (found := await client.read_flow_runs(flow_run_filter=waiting)):
                await asyncio.sleep(_POLL_SECONDS)
            # Prefect tells of the pause a moment before it has kept the form to be filled in,
            # and until then turns each answer away.
            while True:
                answered = await client.resume_flow_run(found[0].id, run_input=answer)
                if answered.state.is_running():
                    return
                await asyncio.sleep(_POLL_SECONDS)

    thread = threading.Thread(target=lambda: asyncio.run(answer_it()), daemon=True)
    thread.start()
    return thread


def test_a_person_is_asked_and_the_run_tells_all_of_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_CHURN__REQUIRE_APPROVAL", "true")
    person = answer_when_asked(settings, approve=True, by="Ana", why="looks right")
    with webhook() as hook:
        monkeypatch.setenv("KPI_WEBHOOK_URL", hook.url)
        ended = train()
    person.join()

    assert ended.completed
    steps = [step.name for step in TRAINING.steps if step.name != "skip_promotion"]
    assert ended.run_counts == dict.fromkeys(steps, 1)
    quality = json.loads(ended.artifacts["churn-quality"].data)
    assert [row["users"] for row in quality] == [
        "holdout",
        "holdout, paid in the last 90 days",
        "had paid, by payments alone",
        "the same, fitted one label window earlier",
    ]
    assert "Version 1 is promoted" in ended.artifacts["churn-promotion"].data
    assert {row["file"] for row in json.loads(ended.artifacts["churn-sources"].data)} == {
        path.name for path in SAMPLE.glob("*.csv")
    }
    (line,) = ledger.history(settings, 10)
    assert (line["action"], line["decided_by"]) == ("promoted", "Ana")
    assert "approved: looks right" in line["reasons"]
    (told,) = hook.texts
    assert told.startswith("churn-training as of 2026-06-30")
    assert told.endswith("it is Production.")

    # One id: Prefect's is the lineage's, and MLflow's tag.
    run_id = str(ended.flow_run.id)
    events = events_of(settings)
    assert kinds_of(events)[-1] == ("churn_training", "COMPLETE")
    assert events[-1]["run"]["runId"] == run_id
    model = mlflow_client(settings).get_model_version("churn-model", "1")
    tags = mlflow_client(settings).get_run(model.run_id).data.tags
    assert tags["kpi.run_id"] == run_id


def test_a_broken_file_ends_in_its_sentence(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "delivery"
    shutil.copytree(SAMPLE, broken)
    file = broken / "ACTIVE_USER.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    said_otherwise = lines[1].replace(",", ",1", 1)
    file.write_text("".join([*lines, said_otherwise]), encoding="utf-8")
    with webhook() as hook:
        monkeypatch.setenv("KPI_WEBHOOK_URL", hook.url)
        ended = train(source=str(broken))

    assert ended.failed
    assert ": 1 user has rows that say different things" in ended.message
    assert list(ended.states) == ["clean_raw_sources"]
    assert ended.run_counts == {"clean_raw_sources": 1}
    (told,) = hook.texts
    assert ended.message in told
    assert ledger.history(settings, 10) == []


def test_no_folder_is_told_before_any_step(tmp_path: Path) -> None:
    ended = train(source=str(tmp_path / "nowhere"))

    assert ended.failed
    assert ended.message == f"{tmp_path}/nowhere/PAYMENTS.csv cannot be read: {NO_SUCH_FILE}."
    assert ended.states == {}


def test_the_second_of_two_trainings_is_told_who_holds_it(settings: Settings) -> None:
    with pipeline_lock(settings, TRAINING.name, Run(as_of=date(2026, 1, 1), run_id="the-first")):
        ended = train()

    assert ended.failed
    assert "Another run holds churn_training: the-first as of 2026-01-01, since" in ended.message
    assert ended.states == {}
