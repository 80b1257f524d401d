"""No table grows without somebody having said how long its rows are kept, or why for good."""

from flows.paths import REPOSITORY
from flows.platform.warehouse.connection import Connection
from flows.retention.kept import NOT_PRUNED, OF_ONE_RUN, pruned_tables

EVERY_TABLE = """
SELECT format('%s.%s', relnamespace::regnamespace, relname) AS name FROM pg_class
WHERE relkind IN ('r', 'p') AND NOT relispartition
    AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
"""


def test_each_table_has_a_retention_or_a_reason(db: Connection) -> None:
    found = {row["name"] for row in db.execute(EVERY_TABLE).fetchall()}
    kept = {name for name in found if name.partition(".")[0] not in OF_ONE_RUN}

    assert kept - pruned_tables() == set(NOT_PRUNED)
    assert pruned_tables() <= kept


def test_the_document_names_what_is_kept_for_good() -> None:
    text = (REPOSITORY / "docs" / "data_protection.md").read_text(encoding="utf-8")
    how_long = text.split("## Why, and how long")[1].split("\n## ")[0]
    for_good = {
        "dqm.bt_crypto_events_of_other_keys",
        "dqm.bt_crypto_events_delivered_days",
        "raw.bt_crypto_judged_days",
        "dqm.bt_churn_promotions",
        "dqm.bt_forgotten",
    }
    assert for_good <= set(NOT_PRUNED)
    assert [name for name in sorted(for_good) if name not in how_long] == []
