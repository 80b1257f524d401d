"""Users whom somebody contacted while it was decided whether they churn, and those held out."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flows.errors import count_of
from flows.platform.storage.atomic_files import replacing
from flows.platform.warehouse.connection import execute, table_exists, transaction
from flows.settings import Settings


@dataclass(frozen=True)
class Campaigns:
    """Who was contacted, and the weight of each user who was held out.

    `unspoken`: how many of the contacted nobody was held out to speak for.
    """

    contacted: list[int]
    weights: dict[int, float]
    unspoken: int

    @property
    def named(self) -> list[object]:
        """The users, and the weights of those who have one."""
        return [*self.contacted, *self.weights.items()]

    def __str__(self) -> str:
        if not self.weights:
            return (
                f"Contacted by campaigns, and left out: {count_of(len(self.contacted), 'user')}. "
                "Nobody was held out: thresholds and figures speak for the other users alone."
            )
        told = (
            f"Contacted by campaigns, and left out: {count_of(len(self.contacted), 'user')}. Held "
            f"out, and speaking for them: {count_of(len(self.weights), 'user')}, each for up to "
            f"{max(self.weights.values()):.1f}."
        )
        if self.unspoken:
            told += f" For {self.unspoken:,} of the contacted nobody speaks."
        return told


def write_campaigns(settings: Settings, file: Path, cutoff: date, label_days: int) -> Campaigns:
    """Write whom campaigns contacted and held out (Parquet), and return them.

    What a contact changes lasts as long as a label window: one of up to `label_days` before the
    cutoff still reaches into the days after it. Without campaigns, or a warehouse, or in one of
    before campaigns were kept, there is no file.
    """
    import pyarrow as pa
    from pyarrow import parquet

    rows = _users(settings, cutoff, label_days)
    file.unlink(missing_ok=True)
    if rows:
        schema = pa.schema(
            {"user_id": pa.int64(), "contacted": pa.bool_(), "weight": pa.float64()}.items()
        )
        with replacing(file) as temporary:
            parquet.write_table(
                pa.Table.from_pylist(
                    [{name: row[name] for name in schema.names} for row in rows], schema
                ),
                temporary,
            )
    contacted = [row for row in rows if row["contacted"]]
    return Campaigns(
        contacted=[row["user_id"] for row in contacted],
        weights={row["user_id"]: row["weight"] for row in rows if not row["contacted"]},
        unspoken=sum(not row["spoken_for"] for row in contacted),
    )


def _users(settings: Settings, cutoff: date, label_days: int) -> list[dict[str, Any]]:
    if settings.database_url is None:
        return []
    with transaction(settings, "feature_engineering") as connection:
        if not table_exists(connection, "prod.bt_churn_campaigns"):
            return []
        window = timedelta(days=label_days)
        days = {"after": cutoff - window, "last_day": cutoff + window, "label_days": label_days}
        return execute(connection, "churn/campaigns/contacted_users.sql", days).fetchall()
