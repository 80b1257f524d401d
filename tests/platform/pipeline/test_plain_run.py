"""Steps without an orchestrator: which are taken, and what they return."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.platform.pipeline.declaration import Pipeline, Step
from flows.platform.pipeline.plain_run import run_steps
from flows.platform.pipeline.run import Run
from flows.settings import Settings


@dataclass(frozen=True)
class Choice:
    """What the deciding step returns."""

    good: bool


def top_up(settings: Settings, run: Run) -> str:
    """Wait for a parameter."""
    return "topped up"


def choose(settings: Settings, run: Run) -> Choice:
    """Decide by the day."""
    return Choice(run.as_of.day == 1)


def promote(settings: Settings, run: Run) -> str:
    """Be one side."""
    return "promoted"


def skip(settings: Settings, run: Run) -> str:
    """Be the other side."""
    return "skipped"


def tell(settings: Settings, run: Run) -> str:
    """Come last."""
    return "told"


PIPELINE = Pipeline(
    "example",
    plan=f"{__name__}:plan",
    steps=(
        Step(f"{__name__}:top_up", "Wait", only_with="generate"),
        Step(f"{__name__}:choose", "Decide", result_flag="good"),
        Step(f"{__name__}:promote", "One side", only_if=True),
        Step(f"{__name__}:skip", "The other", only_if=False),
        Step(f"{__name__}:tell", "End"),
    ),
)


@pytest.mark.parametrize(
    ("day", "how", "names"),
    [
        (1, {}, ["choose", "promote", "tell"]),
        (2, {}, ["choose", "skip", "tell"]),
        (2, {"generate": True}, ["top_up", "choose", "skip", "tell"]),
        (2, {"generate": False, "last": "choose"}, ["choose"]),
        (1, {"first": "tell"}, ["tell"]),
    ],
)
def test_steps_are_taken_in_their_order(
    day: int, how: dict[str, Any], names: list[str], tmp_path: Path
) -> None:
    results = run_steps(PIPELINE, Settings(home=tmp_path), Run(as_of=date(2026, 1, day)), **how)
    assert list(results) == names
    assert results.get("tell", "told") == "told"


def test_an_unknown_step_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        run_steps(PIPELINE, Settings(home=tmp_path), Run(as_of=date(2026, 1, 1)), last="publish")
