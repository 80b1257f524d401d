"""Writes a made-up delivery: the five churn files and delivery.json, the same every time."""

import filecmp
import json
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pyarrow import csv

from flows.churn.sample_data.tables import FILES, Span, tables
from flows.churn.sample_data.users import CHUNK, draw_users
from flows.errors import BadInput

AS_OF = date(2026, 6, 30)
USAGE_LAG = timedelta(days=30)
_DAYS_OF_DRIFT = 60
_DELIVERY = "delivery.json"
_YEARS = range(2000, 2101)


@dataclass(frozen=True)
class SampleData:
    """What was written: how many rows below the header each file has, by name without .csv."""

    rows: dict[str, int]


def write_sample_data(
    folder: Path,
    *,
    users: int,
    seed: int,
    as_of: date = AS_OF,
    usage_as_of: date | None = None,
    drift: float = 0.0,
    drift_from: date | None = None,
    on_progress: Callable[[int], None] | None = None,
    overwrite: bool = True,
) -> SampleData:
    """Write six files into the folder, all of them or none, whatever the number of users.

    `as_of` is the last of 180 days with payments; `usage_as_of` is the day that the other files
    describe (default: 30 days earlier). `drift`, 0 to 1, is how much behaviour changes from the day
    `drift_from` on (default: in the last 60 days); where that is later than `as_of`, nothing has
    changed yet. `on_progress` is called with the number of users done.

    Raises BadInput for arguments that make no sense, a folder that cannot be written and, unless
    `overwrite`, one that holds such files with other content.
    """
    _check(users, seed, drift)
    _check_year("as_of", as_of)
    usage_as_of = usage_as_of or as_of - USAGE_LAG
    _check_year("usage_as_of", usage_as_of)
    if usage_as_of > as_of:
        raise BadInput(f"usage_as_of is {usage_as_of}, which is after as_of {as_of}.")
    drift_from = drift_from or as_of - timedelta(days=_DAYS_OF_DRIFT - 1)
    span = Span(as_of.toordinal(), usage_as_of.toordinal(), drift, drift_from.toordinal())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".sample-data-", dir=folder) as temporary:
            draft = Path(temporary)
            generated: dict[str, object] = {"users": users, "seed": seed, "drift": float(drift)}
            if drift:
                generated["drift_from"] = drift_from.isoformat()
            delivery = _delivery(as_of, usage_as_of, generated)
            (draft / _DELIVERY).write_text(delivery, encoding="utf-8")
            if not overwrite:
                _refuse_to_replace(folder, draft)  # before the long work, where possible
            rows = _write_tables(draft, users, seed, span, on_progress)
            if not overwrite:
                _refuse_to_replace(folder, draft)
            for name in (*(f"{file}.csv" for file in FILES), _DELIVERY):
                (draft / name).replace(folder / name)
    except OSError as error:
        raise BadInput(f"{folder} cannot be written: {error.strerror or error}.") from None
    return SampleData(rows)


def _check(users: int, seed: int, drift: float) -> None:
    if users < 1:
        raise BadInput(f"users is {users}: at least one has to be made up.")
    if seed < 0:
        raise BadInput(f"seed is {seed}: it has to be 0 or more.")
    if not 0 <= drift <= 1:
        raise BadInput(f"drift is {drift}: it has to be between 0 and 1.")


def _check_year(name: str, day: date) -> None:
    if day.year not in _YEARS:
        raise BadInput(f"{name} is {day}: it has to be in the years {_YEARS[0]} to {_YEARS[-1]}.")


def _delivery(as_of: date, usage_as_of: date, generated: dict[str, object]) -> str:
    content = {
        "as_of": as_of.isoformat(),
        "true_as_of": {file: usage_as_of.isoformat() for file in FILES[1:]},
        "generated": generated,
    }
    return json.dumps(content, indent=2) + "\n"


def _refuse_to_replace(folder: Path, draft: Path) -> None:
    for new in sorted(draft.iterdir()):
        old = folder / new.name
        if old.exists() and not filecmp.cmp(old, new, shallow=False):
            raise BadInput(f"{old} differs: name another folder, or replace it with --force.")


def _write_tables(
    folder: Path,
    users: int,
    seed: int,
    span: Span,
    on_progress: Callable[[int], None] | None,
) -> dict[str, int]:
    """Write the tables chunk by chunk; returns their rows."""
    rows = dict.fromkeys(FILES, 0)
    with ExitStack() as stack:
        files = {name: stack.enter_context((folder / f"{name}.csv").open("wb")) for name in FILES}
        for chunk, first in enumerate(range(0, users, CHUNK)):
            made = draw_users(seed, chunk, first, min(CHUNK, users - first))
            for name, table in zip(FILES, tables(made, span), strict=True):
                if chunk == 0:
                    files[name].write(f"{','.join(table.column_names)}\n".encode())
                csv.write_csv(
                    table, files[name], csv.WriteOptions(include_header=False, quoting_style="none")
                )
                rows[name] += table.num_rows
            if on_progress:
                on_progress(first + made.buyer.size)
    return rows
