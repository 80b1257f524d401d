"""The minimum cost of the same results, with our session settings."""

from psycopg import sql

from benchmarks.crypto_events.data import AS_OF
from benchmarks.meter import Meter
from flows.crypto_events.calendar import date_forms
from flows.crypto_events.contract import raw_rules
from flows.crypto_events.key import Key, columns
from flows.crypto_events.run import plan_run
from flows.errors import KpiError
from flows.platform.warehouse.connection import (
    connect,
    execute,
    fetch_one,
)
from flows.settings import Settings
from flows.sql_files import read_sql


def insert_window(settings: Settings, meter: Meter) -> None:
    """Measure a bare INSERT … SELECT of the window into an empty table with prod's key."""
    forms = [
        form
        for day in plan_run(settings, AS_OF).days
        for form in date_forms(settings.crypto.date_format, day)
    ]
    with connect(settings, "benchmark limit", autocommit=True) as connection:
        connection.execute("TRUNCATE benchmark.limit_events")
        with meter.measure("limit/first load/insert"):
            execute(
                connection, "benchmarks/limit_insert.sql", None, window_dates=sql.Literal(forms)
            )


def compare_window(settings: Settings, meter: Meter) -> None:
    """Measure a bare hash join of the candidate and prod, which must be equal."""
    run = plan_run(settings, AS_OF)
    with connect(settings, "benchmark limit", autocommit=True) as connection:
        connection.execute("SET enable_mergejoin = off")
        with meter.measure("limit/unchanged/compare"):
            found = fetch_one(
                connection,
                "benchmarks/limit_compare.sql",
                None,
                window_start=sql.Literal(run.window_start),
                as_of=sql.Literal(run.as_of),
            )
    if found["differing_rows"]:
        raise KpiError(f"{found['differing_rows']} rows differ on an unchanged day.")


def check_window(settings: Settings, meter: Meter) -> None:
    """Measure plain SQL that checks what the two suites check."""
    broken_rows = sql.SQL(",\n    ").join(
        sql.SQL("count(*) FILTER (WHERE ({}) IS FALSE) AS {}").format(
            rule.holds, sql.Identifier(rule.id)
        )
        for rule in raw_rules(settings.crypto)
    )
    candidate = sql.SQL("staging.bt_crypto_events_candidate")
    key = Key.of(settings.crypto)
    with connect(settings, "benchmark plain checks", autocommit=True) as connection:
        with meter.measure("plain SQL/unchanged/suite_raw_history"):
            execute(connection, "benchmarks/plain_raw_checks.sql", None, broken_rows=broken_rows)
        with meter.measure("plain SQL/unchanged/suite_staging_candidate"):
            execute(connection, "benchmarks/plain_candidate_checks.sql")
            for name in ("suite_wrong_values", "suite_repeated_keys"):
                statement = sql.SQL(read_sql(f"crypto_events/validation/{name}.sql"))
                connection.execute(
                    statement.format(batch=candidate, key=columns(key.ordered), hash=key.hash)
                )
