"""While something is removed, nothing else runs."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from flows.churn.pipeline import DRIFT_MONITOR, SCORING, TRAINING, WATCHDOG
from flows.crypto_events.pipeline import PIPELINE as CRYPTO_EVENTS
from flows.platform.pipeline.lock import pipeline_lock
from flows.retention.run import PruneRun
from flows.settings import Settings

_OTHERS = (CRYPTO_EVENTS, TRAINING, SCORING, DRIFT_MONITOR, WATCHDOG)


@contextmanager
def other_runs_kept_out(settings: Settings, run: PruneRun) -> Iterator[None]:
    """Hold every other pipeline; raise PipelineBusy, naming the run that has one."""
    with ExitStack() as held:
        for pipeline in _OTHERS:
            held.enter_context(pipeline_lock(settings, pipeline.name, run))
        yield
