"""Whoever takes the steps, Prefect or `kpi step` as Airflow calls it: the graph is the same."""

from collections.abc import Callable
from datetime import date
from pkgutil import resolve_name
from typing import Any

import pytest

from flows.crypto_events.pipeline import PIPELINE
from flows.platform.pipeline.declaration import Pipeline
from flows.retention.pipeline import PIPELINE as RETENTION
from flows.settings import Settings
from tests.flow_runs import run_flow
from tests.platform.pipeline.lineage.read_events import events_of, graph_of, kinds_of

AS_OF = date(2025, 3, 10)
ENDS = ("START", "COMPLETE")
RUN = ("--run-id", "a_dag/a_run", "--as-of", str(AS_OF), "--hold-for", "600")


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
    deliver: Callable[..., None],
    kpi: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    pipeline: Pipeline,
    flow: str,
    parameters: dict[str, object],
) -> None:
    deliver(warehouse, "BRASIL,1,10/3/2025,BTC,2,3")
    by_prefect = warehouse.model_copy(update={"home": warehouse.home / "by_prefect"})
    by_steps = warehouse.model_copy(update={"home": warehouse.home / "by_steps"})

    monkeypatch.setenv("KPI_HOME", str(by_prefect.home))
    ended = run_flow(resolve_name(flow), as_of=AS_OF, **parameters)
    assert ended.completed
    monkeypatch.setenv("KPI_HOME", str(by_steps.home))
    for name in (step.name for step in pipeline.steps if not step.only_with):
        assert kpi("step", pipeline.name, name, *RUN).code == 0

    prefect, airflow = events_of(by_prefect), events_of(by_steps)
    assert prefect[0]["run"]["runId"] == str(ended.flow_run.id)
    assert kinds_of(prefect) == kinds_of(airflow)

    def placed(events: list[dict[str, Any]], home: Settings) -> set[tuple[str, ...]]:
        return {
            tuple(part.replace(str(home.home), "HOME") for part in edge)
            for edge in graph_of(events)
        }

    assert placed(prefect, by_prefect) == placed(airflow, by_steps)


def test_a_run_begins_once_whichever_step_it_begins_with(
    warehouse: Settings, kpi: Callable[..., Any]
) -> None:
    generate, build = (step.name for step in PIPELINE.steps[:2])
    for name in (generate, build):
        assert kpi("step", "crypto_events", name, *RUN).code == 0
    assert kinds_of(events_of(warehouse)) == [
        ("crypto_events", "START"),
        *((f"crypto_events.{name}", kind) for name in (generate, build) for kind in ENDS),
    ]
