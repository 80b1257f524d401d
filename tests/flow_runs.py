"""Run a flow, and read back through Prefect's API what it left there."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uuid import UUID

    from prefect import Flow
    from prefect.client.schemas.objects import Artifact, FlowRun, Log, TaskRun
    from prefect.states import State

_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Ended:
    """A flow run as Prefect tells it; the task runs in the order in which they started."""

    flow_run: "FlowRun"
    task_runs: "list[TaskRun]"
    artifacts: "dict[str, Artifact]"
    logs: "list[Log]"

    @property
    def completed(self) -> bool:
        """Whether the run ended Completed."""
        return self.flow_run.state.is_completed()

    @property
    def failed(self) -> bool:
        """Whether the run ended Failed."""
        return self.flow_run.state.is_failed()

    @property
    def message(self) -> str:
        """The sentence of its last state."""
        return self.flow_run.state.message or ""

    @property
    def run_counts(self) -> dict[str, int]:
        """How often each task was tried."""
        return {task_run.name: task_run.run_count for task_run in self.task_runs}

    @property
    def states(self) -> dict[str, str]:
        """The last state of each task."""
        return {task_run.name: task_run.state_name for task_run in self.task_runs}

    @property
    def everything(self) -> str:
        """All of it as text, for searching."""
        return "\n".join(
            item.model_dump_json() if hasattr(item, "model_dump_json") else item.json()
            for item in (self.flow_run, *self.task_runs, *self.artifacts.values(), *self.logs)
        )


def run_flow(flow: "Flow[Any, Any]", **parameters: Any) -> Ended:
    """Run the flow in this process, with the settings of the environment."""
    import prefect
    from prefect.logging.handlers import APILogHandler

    state = flow(**parameters, return_state=True)
    APILogHandler().flush()
    if prefect.__version__.startswith("3."):
        # It stores task runs later, in their order: with the last one, all are there.
        asyncio.run(_stored(_run_a_task()))
    return asyncio.run(_read(state.state_details.flow_run_id))


def run_crypto_events(**parameters: Any) -> Ended:
    """Run the flow crypto-events."""
    from flows.crypto_events.flow import crypto_events

    return run_flow(crypto_events, **parameters)


def _run_a_task() -> "UUID":
    from prefect import flow, task

    @task(name="last")
    def last() -> None:
        pass

    states: list[State[None]] = []

    @flow(name="last")
    def run_last() -> None:
        states.append(last(return_state=True))

    run_last()
    return states[0].state_details.task_run_id


async def _stored(task_run_id: "UUID") -> None:
    """Wait until a task run is stored as completed."""
    from prefect import get_client
    from prefect.client.schemas import filters

    async with get_client() as client:
        of_it = filters.TaskRunFilter(id=filters.TaskRunFilterId(any_=[task_run_id]))
        while not any(
            task_run.state.is_completed()
            for task_run in await client.read_task_runs(task_run_filter=of_it)
        ):
            await asyncio.sleep(_POLL_SECONDS)


async def _read(flow_run_id: Any) -> Ended:
    from prefect import get_client
    from prefect.client.schemas import filters

    async with get_client() as client:
        of_run = filters.FlowRunFilter(id=filters.FlowRunFilterId(any_=[flow_run_id]))
        task_runs = await client.read_task_runs(flow_run_filter=of_run)
        artifacts = await client.read_artifacts(flow_run_filter=of_run)
        logs = await client.read_logs(
            filters.LogFilter(flow_run_id=filters.LogFilterFlowRunId(any_=[flow_run_id]))
        )
        return Ended(
            await client.read_flow_run(flow_run_id),
            sorted(task_runs, key=lambda task_run: task_run.start_time),
            # Prefect describes a kept result as an artifact without a key.
            {artifact.key: artifact for artifact in artifacts if artifact.key},
            logs,
        )
