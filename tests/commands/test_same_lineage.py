"""Whoever takes the steps, Prefect or `kpi step` as Airflow calls it: the graph is the same."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

from flows.churn.pipeline import SCORING
from flows.crypto_events.pipeline import PIPELINE
from flows.platform.pipeline.declaration import Pipeline
from flows.platform.storage.layout import mlflow_home
from flows.retention.pipeline import PIPELINE as RETENTION
from flows.settings import Settings
from tests.churn import churn_files
from tests.flow_runs import run_flow
from tests.platform.pipeline.lineage.read_events import Event, events_of, graph_of, kinds_of

AS_OF = date(2025, 3, 10)
ENDS = ("START", "COMPLETE")
RUN = ("--run-id", "a_dag/a_run", "--hold-for", "600")

Events = list[Event]
Homes = tuple[Settings, Settings]


@pytest.fixture
def homes(warehouse: Settings) -> Homes:
    """One for the run under Prefect and one for the steps of their own, with one warehouse."""
    by_prefect, by_steps = (
        warehouse.model_copy(update={"home": warehouse.home / name})
        for name in ("by_prefect", "by_steps")
    )
    return by_prefect, by_steps


@pytest.fixture
def both(
    homes: Homes, kpi: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Events, Events]]:
    """Runs a pipeline under Prefect, then step by step; returns what each of them told."""
    by_prefect, by_steps = homes

    def run(
        pipeline: Pipeline, flow: str, as_of: date, *options: str, **parameters: object
    ) -> tuple[Events, Events]:
        monkeypatch.setenv("KPI_HOME", str(by_prefect.home))
        ended = run_flow(resolve_name(flow), as_of=as_of, **parameters)
        assert ended.completed
        monkeypatch.setenv("KPI_HOME", str(by_steps.home))
        for name in (step.name for step in pipeline.steps if not step.only_with):
            said = kpi("step", pipeline.name, name, *RUN, "--as-of", str(as_of), *options)
            assert said.code == 0

        events = events_of(by_prefect)
        assert events[0]["run"]["runId"] == str(ended.flow_run.id)
        return events, events_of(by_steps)

    return run


def placed(events: Events, home: Settings) -> set[tuple[str, ...]]:
    """The graph, wherever the home is."""
    return {
        tuple(part.replace(str(home.home), "HOME") for part in edge) for edge in graph_of(events)
    }


@pytest.mark.xdist_group("prefect")
@pytest.mark.usefixtures("prefect_api")
@pytest.mark.parametrize(
    ("pipeline", "flow", "parameters"),
    [
        (PIPELINE, "flows.crypto_events.flow:crypto_events", {"generate": False}),
        (RETENTION, "flows.retention.flow:retention", {}),
    ],
    ids=["crypto_events", "retention"],
)
def test_prefect_and_steps_of_their_own_tell_the_same_graph(
    warehouse: Settings,
    homes: Homes,
    deliver: Callable[..., None],
    both: Callable[..., tuple[Events, Events]],
    pipeline: Pipeline,
    flow: str,
    parameters: dict[str, object],
) -> None:
    deliver(warehouse, "BRASIL,1,10/3/2025,BTC,2,3")
    prefect, airflow = both(pipeline, flow, AS_OF, **parameters)

    assert kinds_of(prefect) == kinds_of(airflow)
    assert placed(prefect, homes[0]) == placed(airflow, homes[1])


@pytest.mark.xdist_group("prefect")
@pytest.mark.usefixtures("prefect_api")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_scores_come_from_the_same_files_and_model_whoever_takes_the_steps(
    warehouse: Settings,
    homes: Homes,
    both: Callable[..., tuple[Events, Events]],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # It imports MLflow, which no other test of this file needs.
    from tests.churn.handmade_models import Registry

    Registry(warehouse, tmp_path_factory).production("good")
    for home in homes:
        shutil.copytree(mlflow_home(warehouse), mlflow_home(home))
    monkeypatch.setenv("KPI_CHURN__MIN_KNOWN_SHARE", "0")
    source = str(churn_files.deliver(tmp_path / "delivery"))
    flow = "flows.churn.scoring:churn_scoring"
    prefect, airflow = both(SCORING, flow, churn_files.AS_OF, "--source", source, source=source)

    assert kinds_of(prefect) == kinds_of(airflow)
    graph = placed(prefect, homes[0])
    assert graph == placed(airflow, homes[1])
    assert {
        ("churn_scoring.build_current_snapshot", "inputs", f"file {source}/PAYMENTS.csv"),
        ("churn_scoring.score_users", "inputs", "mlflow churn-model"),
    } < graph


def test_a_run_begins_once_whichever_step_it_begins_with(
    warehouse: Settings, kpi: Callable[..., Any]
) -> None:
    generate, build = (step.name for step in PIPELINE.steps[:2])
    for name in (generate, build):
        assert kpi("step", "crypto_events", name, *RUN, "--as-of", str(AS_OF)).code == 0
    assert kinds_of(events_of(warehouse)) == [
        ("crypto_events", "START"),
        *((f"crypto_events.{name}", kind) for name in (generate, build) for kind in ENDS),
    ]
