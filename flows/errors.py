"""Errors whose text says what happened, where, and what to do."""

import os
from collections.abc import Iterator, Sequence
from typing import Any

from flows.values import in_full, without_values

_LONGEST_NAME = 60


class KpiError(Exception):
    """An error the user can act on; its text is the whole message, shown without a traceback.

    The text names files, columns, rows and rules: what `flows.values.value` marks in the sentence
    is left out of it, and of a copy that another process gets. `in_full` has it, for a terminal.
    `needs_step` is the step that has to be taken, or taken again, before the one that failed: who
    runs a whole pipeline starts it again, `kpi step` names the step.
    """

    exit_code = 1

    def __init__(self, sentence: str = "", *, needs_step: str | None = None) -> None:
        super().__init__(without_values(sentence))
        self.needs_step = needs_step
        self._marked = sentence

    def __str__(self) -> str:
        return f"{self.sentence}{self._again}"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.args, {"needs_step": self.needs_step, "_marked": self.sentence}

    @property
    def in_full(self) -> str:
        """The text with the values, for who has the file: a terminal, or an upload's page."""
        return in_full(self.marked)

    @property
    def marked(self) -> str:
        """The text with its values, marked: for another error that says the same."""
        return f"{self._marked}{self._again}"

    @property
    def _again(self) -> str:
        return " Start the run again: it takes every step once more." if self.needs_step else ""

    @property
    def sentence(self) -> str:
        """What happened, without what to do about a missing step."""
        return super().__str__()


def a_few(names: Sequence[str], most: int = 5) -> str:
    """Return the first names in a row, and how many more there are; a very long one is cut."""
    shown = [
        f"{name[:_LONGEST_NAME]}…" if len(name) > _LONGEST_NAME else name for name in names[:most]
    ]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def count_of(number: int, noun: str) -> str:
    """Return how many there are, as text: `1 user`, `2,000 users`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def first_line(error: object) -> str:
    """Return the first line of what an error says; of one that says nothing, its name.

    What follows is for whoever wrote what raised it: a statement, a trace of Java.
    """
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it was raised from, outermost first, each once.

    Looks through wrappers: `__cause__`, SQLAlchemy's `orig`.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = getattr(error, "orig", None) or error.__cause__


class BadInput(KpiError):
    """A file, parameter or setting does not meet the contract; nothing was changed."""

    exit_code = 2


class DataRejected(KpiError):
    """The data broke its contract: the run stops and production stays as it is.

    `found` is what the step would have returned: lineage tells its verdicts. It stays in the
    process that raised the error.
    """

    found: Any = None


class PublicationRefused(KpiError):
    """A guard stopped the publication: production stays as it is."""


class StageLost(KpiError):
    """The staged window is not the one this run built: stage it again."""


class Unavailable(KpiError):
    """A server did not answer: trying again later may help."""

    exit_code = os.EX_TEMPFAIL


class PipelineBusy(KpiError):
    """Another run holds the pipeline."""
