"""Errors of other programs: their texts may quote what was delivered, so they stay here."""

import logging
import traceback
from pathlib import Path

import psycopg

from flows.errors import KpiError, causes
from flows.paths import REPOSITORY

# The run's own file has a handler here, the Prefect server has none.
IN_FULL = logging.getLogger("kpi.unexpected")
IN_FULL.addHandler(logging.NullHandler())  # without a file, Python would print it
IN_FULL.propagate = False


class UnexpectedError(Exception):
    """An error that is none of ours: what kind, and where, with its traceback."""


def without_its_text(error: Exception) -> UnexpectedError:
    """Return the error as told elsewhere, and write its own text into the run's log alone."""
    IN_FULL.error("This error is told without its text elsewhere:", exc_info=error)
    told = as_told_elsewhere(error, in_full_in="the run's log")
    return UnexpectedError(told).with_traceback(error.__traceback__)


def as_told_elsewhere(error: Exception, *, in_full_in: str) -> str:
    """Return what kind of error it is, where, and where alone its own text is."""
    return f"{_kind(error)}: it is in {in_full_in} alone."


class TextsLeftOut(logging.Filter):
    """Of an error in a logger's records, keeps a sentence of ours or the kind, and the frames."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Take the text, and those of its causes, out of the record, which stays."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, Exception):
            known = isinstance(error, KpiError)
            told = str(error) if known else f"{_kind(error)}: it is left out."
            frames = "".join(traceback.format_tb(error.__traceback__))
            record.msg = f"{record.getMessage()} {told}\n{frames}"
            record.args = record.exc_info = None
        return True


def _kind(error: Exception) -> str:
    return f"{kind_and_place(error)}. Its text may quote delivered values"


def kind_and_place(error: Exception) -> str:
    """Return what is known of an error without its text, which may quote what was delivered."""
    return f"{type(error).__name__}{_about(error)} in {_place(error)}"


def _about(error: Exception) -> str:
    """What PostgreSQL says besides its text: names of things, no values."""
    for found in causes(error):
        if isinstance(found, psycopg.Error) and found.sqlstate:
            diag = found.diag
            names = (diag.schema_name, diag.table_name, diag.column_name, diag.constraint_name)
            return f" ({', '.join([found.sqlstate, *(name for name in names if name)])})"
    return ""


def _place(error: Exception) -> str:
    """The last line of ours that the error passed."""
    place = "an unknown place"
    for frame, line in traceback.walk_tb(error.__traceback__):
        path = Path(frame.f_code.co_filename)
        if any(path.is_relative_to(REPOSITORY / ours) for ours in ("app", "flows")):
            place = f"{path.relative_to(REPOSITORY)}, line {line}"
    return place
