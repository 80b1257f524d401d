"""Which tables retention leaves alone, and why: the only place that says so.

Every other table is in flows/retention/prune_warehouse.py; a test compares both with the catalogue.
"""

from flows.retention.old_scores import PLACE as SCORES
from flows.retention.prune_warehouse import RAW, TABLES

_WITH_RAW_ROWS = "with the raw rows, by the same statement, or when their day is judged again"
_BY_DAY = "a row for each day: counts, nobody's rows"
_OF_THE_CONTRACT = "made from the contract, which says how long it is"

# As docs/data_protection.md has them in its table of how long.
NOT_PRUNED: dict[str, str] = {
    "raw.bt_crypto_judged": _WITH_RAW_ROWS,
    "raw.bt_crypto_touched": _WITH_RAW_ROWS,
    "raw.bt_crypto_arrivals": "until the next run, which judges them",
    "raw.bt_crypto_departures": "until the next run, which judges them",
    "raw.bt_crypto_judged_days": _BY_DAY,
    "raw.bt_crypto_judged_contract": "one row",
    "raw.bt_crypto_raw_counts": _BY_DAY,
    "raw.bt_crypto_day_counts": _BY_DAY,
    "prod.bt_crypto_events": "the product",
    "dqm.bt_crypto_events_of_other_keys": "published as well, and taken back when the key changes",
    "dqm.bt_crypto_events_delivered_days": f"{_BY_DAY}, which a delivery of the day is compared to",
    "dqm.bt_crypto_events_pruned_days": f"{_BY_DAY}, without which a pruned day looks undelivered",
    "dqm.bt_crypto_events_vouchers": "a day and a run, until a run checks the whole day; nobody",
    "dqm.calendar": _OF_THE_CONTRACT,
    "dqm.calendar_contract": _OF_THE_CONTRACT,
    "dqm.bt_churn_drift": "with its run, in dqm.bt_churn_drift_runs",
    "dqm.bt_churn_promotions": "what was ever Production, with the hash it is known by; nobody",
    "dqm.bt_forgotten": "keyed hashes, without which an old delivery brings people back",
    "dqm.pipeline_holds": "while a run has its pipeline",
    "dqm.schema_migrations": "a row for each migration of the code",
}
# Of these schemas nothing outlives a run: the window of the last one, and locks without rows.
OF_ONE_RUN = ("staging", "locks")


def pruned_tables() -> set[str]:
    """Return the tables that retention removes old rows of."""
    return {RAW, SCORES, *(table.partition(" ")[0] for _, table, _ in TABLES)}
