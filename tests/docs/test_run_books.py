"""The run book tells of every step, in its order."""

import re

from flows.crypto_events.pipeline import PIPELINE
from flows.paths import REPOSITORY

NUMBERED = re.compile(r"^\d+\. `([a-z0-9_]+)`", re.MULTILINE)


def test_crypto_events_steps_are_listed_in_their_order() -> None:
    book = (REPOSITORY / "docs" / "crypto_events.md").read_text(encoding="utf-8")
    assert NUMBERED.findall(book) == [step.name for step in PIPELINE.steps]


def test_the_walk_of_a_delivery_passes_every_step() -> None:
    walk = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert NUMBERED.findall(walk)[: len(PIPELINE.steps)] == [step.name for step in PIPELINE.steps]
