"""Top up each day of the window with fake rows, for setups without a real source."""

from dataclasses import dataclass
from datetime import date

from psycopg import sql

from flows.crypto_events.calendar import contract_days, date_forms
from flows.crypto_events.contract import GENERATOR
from flows.crypto_events.rule_sql import check_rules
from flows.crypto_events.run import WindowRun
from flows.crypto_events.stage_lock import lock_stage
from flows.platform.warehouse.connection import Connection, fetch_one, transaction
from flows.settings import Settings
from flows.settings.crypto_events import CryptoSettings
from flows.sql_files import read_sql


@dataclass(frozen=True)
class GeneratedHistory:
    """How many rows were added to raw, in total and by day."""

    rows: int
    days: dict[str, int]


def generate_fake_history_last_5_days(settings: Settings, run: WindowRun) -> GeneratedHistory:
    """Top up each real day of the window to `min_rows_per_day` raw rows; leave existing ones alone.

    Days whose raw rows were pruned are left alone, too. The same seed and day give the same rows.
    Writes raw.bt_crypto_transaction_history by COPY. Raises BadContract for a rule that does not
    run, before anything is written.
    """
    added = {}
    if settings.crypto.min_rows_per_day:
        with transaction(settings, "generate_fake_history_last_5_days") as connection:
            lock_stage(connection)
            check_rules(connection, settings.crypto)
            for day in contract_days(settings.crypto, run.days):
                added[day.isoformat()] = _top_up(connection, settings.crypto, day)
    return GeneratedHistory(sum(added.values()), {day: rows for day, rows in added.items() if rows})


def _top_up(connection: Connection, crypto: CryptoSettings, day: date) -> int:
    forms = date_forms(crypto.date_format, day)
    found = fetch_one(
        connection,
        "crypto_events/landing/count_day.sql",
        {"source": GENERATOR, "day": day},
        day_forms=sql.Literal(forms),
    )
    missing = max(crypto.min_rows_per_day - int(found["rows"]), 0)
    # What was pruned is published, and no row is invented beside it.
    if not missing or found["pruned"]:
        return 0
    # Imports Faker and NumPy: most runs with a real source need neither.
    from flows.crypto_events.landing.fake_transactions import fake_transactions

    start = int(found["last_generated"])
    statement = sql.SQL(read_sql("crypto_events/landing/copy_generated.sql"))
    with connection.cursor().copy(statement) as copy:
        for rows in fake_transactions(
            crypto.generator_seed,
            day,
            forms[0],
            start,
            start + missing,
            crypto.sites,
            crypto.crypto_types,
            GENERATOR,
        ):
            copy.write(rows)
    return missing
