"""Count what was staged: each row once for the run, and by day for rules about the delivery."""

from psycopg import sql
from psycopg.rows import DictRow

from flows.crypto_events.delivery_rules import delivery_rules
from flows.crypto_events.run import WindowRun
from flows.platform.warehouse.connection import Connection, execute, fetch_one
from flows.settings.crypto_events import CryptoSettings


def record_staged_run(connection: Connection, crypto: CryptoSettings, run: WindowRun) -> DictRow:
    """Write the run's row of dqm.bt_crypto_events_runs, and return its counts.

    Fills staging.bt_crypto_events_delivered in the same pass. The window is staged, with its
    duplicates set aside, and its days are counted.
    """
    shares = {rule.id: rule.missing for rule in delivery_rules(crypto) if rule.missing}
    counts = [
        sql.SQL("count(*) FILTER (WHERE dismissed IS NULL AND {})").format(share.cell)
        for share in shares.values()
    ]
    recorded = fetch_one(
        connection,
        "crypto_events/staging/record_staged_run.sql",
        {
            "window_start": run.window_start,
            "as_of": run.as_of,
            "run_id": run.run_id,
            "policy": run.policy,
        },
        missing_counts=sql.SQL(", ").join(counts),
        missing_rules=sql.Literal([*shares]),
    )
    for name, share in shares.items():
        if share.may_be_published:
            execute(
                connection,
                "crypto_events/staging/add_vouched_missing.sql",
                None,
                missing=share.cell,
                rule=sql.Literal(name),
            )
    return recorded
