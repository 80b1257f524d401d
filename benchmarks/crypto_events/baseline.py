"""The common approach, written as it usually is, on a plain connection with server defaults."""

from collections.abc import Mapping
from datetime import date
from typing import LiteralString

import psycopg
from faker import Faker
from psycopg import sql

from benchmarks.crypto_events.data import AS_OF
from benchmarks.meter import Meter
from flows.crypto_events.run import plan_run
from flows.platform.warehouse.connection import database_url
from flows.settings import Settings
from flows.sql_files import read_sql

_RULES: dict[str, LiteralString] = {
    "missing": "num_nulls(site_id, user_id, purchase_date, crypto_type, purchase_price,"
    " purchase_units) > 0",
    "site_unknown": "site_id NOT IN ('ARGENTINA', 'BRASIL', 'MEXICO')",
    "user_not_bigint": "user_id !~ '^[0-9]+$'",
    "not_a_date": "purchase_date !~ '^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}$'",
    "crypto_unknown": "crypto_type NOT IN ('BTC', 'ETH', 'USDC')",
    "price_not_positive": "NOT CASE WHEN purchase_price ~ '^[0-9]+([.][0-9]+)?$'"
    " THEN purchase_price::numeric > 0 ELSE false END",
    "units_not_positive": "NOT CASE WHEN purchase_units ~ '^[0-9]+([.][0-9]+)?$'"
    " THEN purchase_units::numeric > 0 ELSE false END",
}


def measure_run(settings: Settings, meter: Meter, scenario: str) -> None:
    """Measure the steps of one run, without Great Expectations, which favours the baseline."""
    run = plan_run(settings, AS_OF)
    arrived_from, arrived_before = run.arrival_bounds(settings)
    window = {"window_start": run.window_start, "as_of": run.as_of}
    arrival = {"arrived_from": arrived_from, "arrived_before": arrived_before}
    with psycopg.connect(database_url(settings), autocommit=True) as connection:
        with meter.measure(f"common approach/{scenario}/build candidate"):
            connection.execute("TRUNCATE benchmark.baseline_candidate")
            _execute(connection, "candidate", window)
            connection.execute("ANALYZE benchmark.baseline_candidate")
        with meter.measure(f"common approach/{scenario}/reject queries"):
            for reason, broken in _RULES.items():
                _execute(connection, "reject_rule", {"reason": reason, **arrival}, sql.SQL(broken))
            _execute(connection, "reject_duplicates")
        with (
            meter.measure(f"common approach/{scenario}/upsert and deactivate"),
            connection.transaction(),
        ):
            _execute(connection, "upsert")
            _execute(connection, "deactivate", window)
        with meter.measure(f"common approach/{scenario}/vacuum"):
            connection.execute("VACUUM (ANALYZE) benchmark.baseline_events")


def generate_rows(settings: Settings, meter: Meter, first_day: date, rows: int) -> None:
    """Measure a generator that draws and stores rows one by one."""
    crypto = settings.crypto
    fake = Faker()
    fake.seed_instance(crypto.generator_seed)
    with (
        meter.measure("common approach/generator/row loop"),
        psycopg.connect(database_url(settings)) as connection,
    ):
        drawn = [
            (
                fake.random_element(crypto.sites),
                str(fake.random_int(1, 999_999_999)),
                f"{first_day.day}/{first_day.month}/{first_day.year}",
                fake.random_element(crypto.crypto_types),
                f"{fake.pyfloat(min_value=1, max_value=60_000):.4f}",
                f"{fake.pyfloat(min_value=0.01, max_value=10):.8f}",
                "row loop",
                number,
            )
            for number in range(1, rows + 1)
        ]
        connection.cursor().executemany(read_sql("benchmarks/baseline_generate.sql"), drawn)


def _execute(
    connection: psycopg.Connection,
    name: str,
    parameters: Mapping[str, object] | None = None,
    broken: sql.SQL | None = None,
) -> None:
    statement = sql.SQL(read_sql(f"benchmarks/baseline_{name}.sql"))
    connection.execute(statement.format(broken=broken) if broken else statement, parameters)
