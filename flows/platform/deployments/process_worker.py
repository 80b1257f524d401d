"""Prefect's worker that starts processes; import it only after Prefect is configured."""

import warnings
from functools import partial
from typing import Any

from prefect.states import Pending
from prefect.workers import base
from prefect.workers.process import ProcessWorker

from flows.platform.deployments.lost_runs import LostRuns, told_when_claimed

with warnings.catch_warnings():
    # Prefect says that it now finds this class under the type's name.
    warnings.simplefilter("ignore")

    class WatchfulWorker(ProcessWorker):
        """A process worker that looks for lost runs with each of its heartbeats."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._lost_runs = LostRuns(self.name)
            # Prefect looks it up there when it claims a run, and has no other place for a message.
            vars(base)["Pending"] = partial(Pending, message=told_when_claimed(self.name))

        async def sync_with_backend(self) -> None:
            """Send a heartbeat, then look for lost runs."""
            await super().sync_with_backend()  # type: ignore[no-untyped-call]
            if self._client:
                await self._lost_runs.look(self._client, self._submitting_flow_run_ids)
