"""A delivery as others see it: lineage from its file to the raw rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from flows.crypto_events.pipeline import DELIVERIES, RAW, REPLACED
from flows.platform.pipeline.declaration import Dataset, Step
from flows.platform.pipeline.lineage.by_command import FileRun, told_command
from flows.settings import Settings

Result = TypeVar("Result")

_STORE = Step(
    "flows.crypto_events.landing.ingest:ingest",
    "Store a delivery: all of its rows exactly as they are, or none",
    outputs=(RAW, REPLACED, DELIVERIES),
    facts="flows.crypto_events.lineage:delivered",
)


@dataclass(frozen=True, kw_only=True)
class DeliveryRun(FileRun):
    """The storing of one file; `read_as` are its columns by the contract's, when it has its own."""

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
    return told_command(settings, "crypto_events_delivery", step, store, run)
