"""Whatever text arrives: nothing is lost, published wrongly, or rejected without need."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from flows.crypto_events.contract import Rule, raw_rules
from flows.crypto_events.publication.merge_to_prod import merge_to_prod
from flows.crypto_events.repair.adopt_key import adopt_key
from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import (
    BuiltCandidate,
    build_events_candidate,
)
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from flows.settings.crypto_events import CryptoSettings
from tests.contracts.keys import CHOICES, KEYS, by_contract, contract_with
from tests.crypto_events.oracle.classified_rows import staged, staged_ids, store
from tests.crypto_events.oracle.contract_oracle import RULES, RawRow, sort_rows
from tests.crypto_events.oracle.near_misses import NEAR_MISSES, SURPRISES, WRONG_AROUND
from tests.crypto_events.oracle.raw_row_strategies import FIRST_DAY, raw_rows
from tests.crypto_rows import ARRIVED, AS_OF, GOOD_ROW, in_zone, stage

# Hypothesis makes a counterexample simple for up to five minutes before it shows it.
pytestmark = pytest.mark.timeout(900)

ZONES = ["UTC", "America/Buenos_Aires", "Pacific/Kiritimati", "Asia/Kathmandu", "America/New_York"]

one_database = hypothesis_settings(
    deadline=None,
    database=None,
    max_examples=60,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,  # emptied at the start of each example
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@pytest.fixture(autouse=True)
def _rules_of_the_oracle(monkeypatch: pytest.MonkeyPatch) -> None:
    def rules(crypto: CryptoSettings) -> list[Rule]:
        return [rule for rule in raw_rules(crypto) if rule.id in RULES]

    for module in ("staging.judge", "suites"):
        monkeypatch.setattr(f"flows.crypto_events.{module}.raw_rules", rules)


def test_the_oracle_judges_by_rules_that_there_are() -> None:
    assert {rule.id for rule in raw_rules(CryptoSettings())} >= RULES


def test_each_near_miss_and_surprise_by_itself(quick: Settings, db: Connection) -> None:
    rows = [row for column in GOOD_ROW for row in rows_with_one_odd_cell(column)]
    ids = store(db, rows)
    expected = sort_rows(rows, FIRST_DAY, AS_OF, ZoneInfo("UTC"), keep_newest=False)
    assert len(expected.rejected) > 200
    build_events_candidate(quick, plan_run(quick, AS_OF))
    assert staged(db, ids) == expected


def rows_with_one_odd_cell(column: str) -> Iterator[RawRow]:
    good = GOOD_ROW[column]
    around = [cell for odd in WRONG_AROUND for cell in (odd + good, good + odd)]
    for odd in [*NEAR_MISSES[column], *SURPRISES, *around, good]:
        yield RawRow(**{**GOOD_ROW, column: odd}, arrived_at=ARRIVED)


@one_database
@given(
    data=st.data(),
    zone=st.sampled_from(ZONES),
    policy=st.sampled_from(["abort", "quarantine"]),
    shared=st.sampled_from(CHOICES),
    key=st.sampled_from(KEYS),
)
def test_every_row_goes_where_the_contract_says(
    quick: Settings,
    db: Connection,
    tmp_path: Path,
    data: st.DataObject,
    zone: str,
    policy: str,
    shared: str,
    key: tuple[str, ...],
) -> None:
    rows = data.draw(raw_rows(ZoneInfo(zone)))
    ids = store(db, rows)
    expected = sort_rows(
        rows,
        FIRST_DAY,
        AS_OF,
        ZoneInfo(zone),
        keep_newest=policy == "quarantine",
        shared=shared,
        key_columns=key,
    )
    settings = in_zone(by_contract(quick, contract_with(tmp_path, shared, key)), zone)
    adopt_key(settings)

    built = build_events_candidate(settings, plan_run(settings, AS_OF, policy=policy))

    assert staged(db, ids) == expected
    assert built == BuiltCandidate(
        raw_rows=len(staged_ids(db)),
        candidate_rows=len(expected.published),
        rejected_rows=len(expected.rejected),
        superseded_rows=len(expected.superseded),
        dismissed_rows=len(expected.dismissed),
    )
    assert sum((built.candidate_rows, built.rejected_rows, built.superseded_rows)) == (
        built.raw_rows - built.dismissed_rows
    )
    assert len(set(staged_ids(db))) == built.raw_rows


@one_database
@given(data=st.data(), shared=st.sampled_from(CHOICES), key=st.sampled_from(KEYS))
def test_what_is_published_keeps_every_rule(
    quick: Settings,
    db: Connection,
    tmp_path: Path,
    data: st.DataObject,
    shared: str,
    key: tuple[str, ...],
) -> None:
    rows = data.draw(raw_rows(ZoneInfo("UTC")))
    store(db, rows)
    expected = sort_rows(
        rows,
        FIRST_DAY,
        AS_OF,
        ZoneInfo("UTC"),
        keep_newest=True,
        shared=shared,
        key_columns=key,
    )
    settings = by_contract(quick, contract_with(tmp_path, shared, key))
    adopt_key(settings)

    run = stage(settings, policy="quarantine", tolerated=True)
    publication = merge_to_prod(settings, run)

    assert publication.inserted == len(expected.published)
    assert sorted(expected.published.values()) == sorted(
        (
            (row["site_id"], row["user_id"], row["purchase_date"], row["crypto_type"]),
            row["purchase_price"],
            row["purchase_units"],
            row["purchase_value"],
        )
        for row in db.execute("SELECT * FROM prod.bt_crypto_events WHERE is_active")
    )
