"""Users with their scores, and what people need beside a score to act on it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.features.snapshots.build_current_snapshot import snapshot
from flows.churn.model.decisions.left_out import left_out_of, without
from flows.churn.model.decisions.threshold import ACTIVE
from flows.churn.run import ChurnRun
from flows.churn.sources.clean_raw_sources import clean_folder, source_tables
from flows.platform.compute.duckdb import duckdb_connection, parquet_rows
from flows.settings import Settings
from flows.sql_files import read_sql

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

    from flows.churn.model.model_document import ServedModel

logger = logging.getLogger(__name__)

MOST_REASONS = 3
BATCHES_JOINED = 5
"""Batches of users whose payments are summed at once: PAYMENTS is read anew for each so many."""


@dataclass(frozen=True)
class Rows:
    """Lines of CSV as `copy_scores.sql` takes them, and counts of the users in them."""

    csv: bytes
    users: int
    churning: int
    active: int
    active_churning: int


def scored_rows(
    settings: Settings, run: ChurnRun, version: str, model: "ServedModel", users_at_once: int
) -> Iterator[Rows]:
    """Score the run's snapshot, so many users at once; who paid in the last 90 days is active."""
    sources = source_tables(clean_folder(settings, run))
    users = parquet_rows(snapshot(settings, run))
    query = read_sql("churn/model/scored_users.sql").format(
        features=", ".join(f"snapshot.{name}" for name in FEATURE_NAMES),
        snapshot=users,
        payments=sources["payments"],
        demograficos=sources["demograficos"],
        day=f"DATE '{run.cutoff}'",
    )
    if left_out := left_out_of(settings.churn, model):
        logger.warning(
            "Production was trained with %s, which is left out: it scores every user as the "
            "average one of its training in that, until the next training.",
            " and ".join(left_out),
        )
        model = without(model, left_out)
    with duckdb_connection(settings) as connection:
        for batch in _batches(connection, query, users, users_at_once):
            yield _score(
                batch.to_pandas(), model, {"as_of": str(run.as_of), "model_version": version}
            )


def _batches(
    connection: "duckdb.DuckDBPyConnection", query: str, users: str, users_at_once: int
) -> "Iterator[pa.RecordBatch]":
    """Run the query for a part of the users after the other, so that its memory has a bound."""
    parts = read_sql("churn/model/users_in_parts.sql").format(
        users=BATCHES_JOINED * users_at_once, snapshot=users
    )
    for first_user, last_user in connection.execute(parts).fetchall():
        of_part = {"first_user": first_user, "last_user": last_user}
        yield from connection.execute(query, of_part).to_arrow_reader(users_at_once)


def _score(table: "pd.DataFrame", model: "ServedModel", same_of_all: dict[str, str]) -> Rows:
    import pyarrow as pa
    from pyarrow import csv

    probabilities = model.probabilities(table)
    active = table[ACTIVE].to_numpy() > 0
    churning = probabilities >= model.threshold
    sink = pa.BufferOutputStream()
    csv.write_csv(
        pa.table(
            {
                **{name: pa.repeat(text, len(table)) for name, text in same_of_all.items()},
                "user_id": table["user_id"],
                "probability": probabilities,
                "active": active,
                "spent_90d": table["spent_90d"],
                "segment": pa.array(table["segment"], pa.string(), from_pandas=True),
                "city": pa.array(table["city"], pa.string(), from_pandas=True),
                "reasons": reasons(model.contributions(table)),
            }
        ),
        sink,
        csv.WriteOptions(include_header=False),
    )
    return Rows(
        csv=sink.getvalue().to_pybytes(),
        users=len(table),
        churning=int(churning.sum()),
        active=int(active.sum()),
        active_churning=int((churning & active).sum()),
    )


def reasons(added: "pd.DataFrame") -> list[str]:
    """Return each row's features that add most to its log-odds, as PostgreSQL writes an array."""
    amounts = added.to_numpy(copy=True)
    rows, names = np.arange(len(amounts)), ["", *added.columns]
    code = np.zeros(len(amounts), dtype=np.int64)
    for _ in range(min(MOST_REASONS, amounts.shape[1])):
        strongest = amounts.argmax(axis=1)
        raises_it = amounts[rows, strongest] > 0
        code = code * len(names) + np.where(raises_it, strongest + 1, 0)
        amounts[rows, strongest] = -np.inf
    # Few sets of reasons are many users': each is written once.
    codes, which = np.unique(code, return_inverse=True)
    texts = [_array(int(found), names) for found in codes]
    return np.array(texts, dtype=object)[which].tolist()  # type: ignore[no-any-return]


def _array(code: int, names: list[str]) -> str:
    found = []
    while code:
        code, place = divmod(code, len(names))
        found.append(names[place])
    return "{" + ",".join(filter(None, reversed(found))) + "}"
