"""Errors of other programs: their texts may quote what was delivered, so they stay here."""

import logging
import traceback
from pathlib import Path

import psycopg

from flows.errors import causes
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
    return UnexpectedError(
        f"{kind_and_place(error)}. "
        "Its text may quote delivered values: it is in the run's log alone."
    ).with_traceback(error.__traceback__)


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
        if path.is_relative_to(REPOSITORY / "flows"):
            place = f"{path.relative_to(REPOSITORY)}, line {line}"
    return place
