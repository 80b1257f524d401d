"""A delivery as others see it: lineage from its file to the raw rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from flows.crypto_events.pipeline import DELIVERIES, RAW, REPLACED
from flows.log_lines import belongs_to
from flows.platform.pipeline.declaration import Dataset, Pipeline, Step
from flows.platform.pipeline.lineage.runner import take_step, told_run
from flows.platform.pipeline.run import Run
from flows.settings import Settings

Result = TypeVar("Result")

_STORE = Step(
    "flows.crypto_events.landing.ingest:ingest",
    "Store a delivery: all of its rows exactly as they are, or none",
    outputs=(RAW, REPLACED, DELIVERIES),
    facts="flows.crypto_events.lineage:delivered",
)


@dataclass(frozen=True, kw_only=True)
class DeliveryRun(Run):
    """The storing of one file, which lies in the folder `source`.

    `read_as` are the file's columns by the contract's, when it has columns of its own.
    """

    source: Path
    file: Dataset
    read_as: Mapping[str, str] = field(default_factory=dict)


def told_delivery(
    settings: Settings, file: Path, store: Callable[[], Result], read_as: Mapping[str, str]
) -> Result:
    """Call `store` and return its result; tell what became of the file.

    `read_as` are the file's columns by the contract's, when it has columns of its own.
    Raises what `store` raises, and nothing else.
    """
    delivered = Dataset("delivery", file.name)
    run = DeliveryRun(
        as_of=datetime.now(settings.zone).date(),
        source=file.absolute().parent,
        file=delivered,
        read_as=read_as,
    )
    step = replace(_STORE, inputs=(delivered,))
    # Nobody plans it: it is declared for its lineage alone.
    pipeline = Pipeline(name="crypto_events_delivery", plan="", steps=(step,))

    def function(settings: Settings, run: DeliveryRun) -> Result:
        return store()

    with belongs_to(run.run_id), told_run(settings, pipeline, run.run_id) as told:
        told.begins(run)
        return take_step(pipeline, step, function, settings, run)
