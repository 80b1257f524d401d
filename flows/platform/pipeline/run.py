"""A run: one execution of a pipeline for one day, never "today" inside a query."""

from dataclasses import dataclass, field
from datetime import date
from uuid import uuid4


@dataclass(frozen=True, kw_only=True)
class Run:
    """The fields of every pipeline's run; a pipeline adds what its steps need."""

    as_of: date
    run_id: str = field(default_factory=lambda: str(uuid4()))

    def __str__(self) -> str:
        return f"as of {self.as_of}"


@dataclass(frozen=True, kw_only=True)
class UnplannedRun(Run):
    """A run whose plan is not made yet, or not known here: it has no day."""

    as_of: date = date.min
