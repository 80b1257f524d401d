"""Flow runs that ended, and what Prefect has left of them."""

import asyncio
from typing import Any
from uuid import UUID


def ran() -> str:
    """Run a flow that leaves an artifact; return its flow run."""
    from prefect import flow
    from prefect.artifacts import create_markdown_artifact

    @flow(name="short")
    def short() -> None:
        # Prefect waits for it in a flow that is no coroutine.
        written: Any = create_markdown_artifact("done", key="short")
        assert written

    state: Any = short(return_state=True)
    return str(state.state_details.flow_run_id)


def left(run_id: str) -> tuple[int, int]:
    """Return how many of the flow run, and of its artifacts, Prefect still has."""
    return asyncio.run(_left(run_id))


async def _left(run_id: str) -> tuple[int, int]:
    from prefect import get_client
    from prefect.client.schemas.filters import (
        ArtifactFilter,
        ArtifactFilterFlowRunId,
        FlowRunFilter,
        FlowRunFilterId,
    )

    async with get_client() as client:
        runs = await client.read_flow_runs(
            flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[UUID(run_id)]))
        )
        artifacts = await client.read_artifacts(
            artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[UUID(run_id)]))
        )
    return len(runs), len(artifacts)
