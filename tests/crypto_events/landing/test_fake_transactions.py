"""Fake history: as many rows as asked for, the same every time, and good ones."""

from collections.abc import Callable

import psycopg
import pytest

from flows.crypto_events.landing.generate_fake_history_last_5_days import (
    GeneratedHistory,
    generate_fake_history_last_5_days,
)
from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import AS_OF, add_rows

Make = Callable[..., Settings]

CELLS = "site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units"


def generate(settings: Settings, window_days: int = 5) -> GeneratedHistory:
    return generate_fake_history_last_5_days(
        settings, plan_run(settings, AS_OF, window_days=window_days)
    )


def generated(db: Connection) -> list[tuple[str, ...]]:
    rows = db.execute(
        f"SELECT {CELLS} FROM raw.bt_crypto_transaction_history"
        " WHERE source_name = 'generator' ORDER BY raw_id"
    )
    return [tuple(row.values()) for row in rows]


def forget_generated(db: Connection) -> None:
    db.execute("DELETE FROM raw.bt_crypto_transaction_history WHERE source_name = 'generator'")


def test_each_day_is_topped_up(quick: Settings, db: Connection) -> None:
    add_rows(db, {}, {"user_id": "2", "purchase_date": "\t10/03/2025"}, {"user_id": "3"})
    add_rows(db, *({"user_id": str(n), "purchase_date": "7/3/2025"} for n in range(6)))
    before = db.execute("SELECT * FROM raw.bt_crypto_transaction_history").fetchall()
    assert generate(quick) == GeneratedHistory(
        4 + 4 + 4 + 1, {"2025-03-06": 4, "2025-03-08": 4, "2025-03-09": 4, "2025-03-10": 1}
    )
    after = db.execute("SELECT * FROM raw.bt_crypto_transaction_history").fetchall()
    assert [row for row in after if row["source_name"] != "generator"] == before
    assert generate(quick) == GeneratedHistory(0, {})
    assert len(generated(db)) == 13


def test_a_day_has_the_same_rows_whenever_it_is_made(quick: Settings, db: Connection) -> None:
    generate(quick)
    whole_window = generated(db)
    forget_generated(db)
    for days in (1, 3, 5):
        generate(quick, window_days=days)
    assert sorted(generated(db)) == sorted(whole_window)


def test_another_seed_gives_other_rows(make_quick: Make, db: Connection) -> None:
    generate(make_quick(generator_seed=1))
    first = generated(db)
    forget_generated(db)
    generate(make_quick(generator_seed=2))
    assert not set(first) & set(generated(db))


def test_a_higher_minimum_adds_other_rows(make_quick: Make, db: Connection) -> None:
    generate(make_quick(min_rows_per_day=9_990), window_days=2)
    few = generated(db)
    generate(make_quick(min_rows_per_day=10_010), window_days=2)
    many = generated(db)
    assert many[: len(few)] == few
    assert len({row[:4] for row in many}) == len(many) == 20_020

    forget_generated(db)
    generate(make_quick(min_rows_per_day=10_010), window_days=2)
    assert sorted(generated(db)) == sorted(many)


def test_no_minimum_adds_nothing(make_quick: Make, db: Connection) -> None:
    assert generate(make_quick(min_rows_per_day=0)) == GeneratedHistory(0, {})
    assert generated(db) == []


def test_days_that_are_no_real_dates_get_no_rows(make_quick: Make, db: Connection) -> None:
    found = generate(make_quick(last_year=2025, first_year=2025, placeholder_dates=["2025-03-09"]))
    assert sorted(found.days) == ["2025-03-06", "2025-03-07", "2025-03-08", "2025-03-10"]
    assert generate(make_quick(last_year=2024)) == GeneratedHistory(0, {})


def test_a_large_day_never_repeats_a_key_and_keeps_every_rule(
    make_quick: Make, db: Connection
) -> None:
    settings = make_quick(min_rows_per_day=200_000)
    generate(settings, window_days=1)
    built = build_events_candidate(settings, plan_run(settings, AS_OF, window_days=1))
    assert (built.raw_rows, built.candidate_rows) == (200_000, 200_000)
    keys = db.execute(
        "SELECT count(*) FROM (SELECT DISTINCT site_id, user_id, purchase_date, crypto_type"
        " FROM staging.bt_crypto_events_candidate) AS keys"
    ).fetchone()
    assert keys == {"count": 200_000}


def test_rows_follow_a_changed_contract(make_quick: Make, db: Connection) -> None:
    settings = make_quick(
        sites=("CHILE", "100 %\tPERU\\"), crypto_types=("DOGE",), date_format="YYYY-MM-DD"
    )
    generate(settings)
    assert generate(settings).rows == 0
    built = build_events_candidate(settings, plan_run(settings, AS_OF))
    assert (built.raw_rows, built.candidate_rows) == (20, 20)
    assert {row[0] for row in generated(db)} == {"CHILE", "100 %\tPERU\\"}


def test_all_days_arrive_or_none(quick: Settings, db: Connection) -> None:
    """A failure on the last day takes the days before it back."""
    db.execute(
        "ALTER TABLE raw.bt_crypto_transaction_history"
        " ADD CONSTRAINT closed CHECK (purchase_date <> '10/3/2025')"
    )
    with pytest.raises(psycopg.errors.CheckViolation):
        generate(quick)
    assert generated(db) == []
    db.execute("ALTER TABLE raw.bt_crypto_transaction_history DROP CONSTRAINT closed")
    assert generate(quick).rows == 20
