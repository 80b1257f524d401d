"""Users whom somebody contacted while it was decided whether they churn."""

from datetime import date
from pathlib import Path

from flows.platform.storage.atomic_files import replacing
from flows.platform.warehouse.connection import execute, table_exists, transaction
from flows.settings import Settings


def write_contacted(settings: Settings, file: Path, after: date, last_day: date) -> list[int]:
    """Write who was contacted in the days after one day up to another (Parquet), and return them.

    For nobody there is no file: without a warehouse, or in one of before campaigns were kept.
    """
    import pyarrow as pa
    from pyarrow import parquet

    users = _contacted(settings, after, last_day)
    file.unlink(missing_ok=True)
    if users:
        with replacing(file) as temporary:
            parquet.write_table(pa.table({"user_id": pa.array(users, pa.int64())}), temporary)
    return users


def _contacted(settings: Settings, after: date, last_day: date) -> list[int]:
    if settings.database_url is None:
        return []
    with transaction(settings, "feature_engineering") as connection:
        if not table_exists(connection, "prod.bt_churn_campaigns"):
            return []
        days = {"after": after, "last_day": last_day}
        rows = execute(connection, "churn/campaigns/contacted_users.sql", days).fetchall()
    return [row["user_id"] for row in rows]
