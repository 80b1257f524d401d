"""What vanished is retired only when it surely vanished."""

from collections.abc import Callable

import pytest

from flows.crypto_events.publication.merge_to_prod import Publication, merge_to_prod
from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.crypto_events.validation.validate import ge_validate_raw
from flows.errors import DataRejected, PublicationRefused
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import (
    AS_OF,
    add_rows,
    change_row,
    prod,
    prod_by_user,
    publish,
    remove_rows,
    stage,
)

DAYS = ["6/3/2025", "7/3/2025", "8/3/2025", "9/3/2025", "10/3/2025"]


@pytest.mark.parametrize(
    "cells",
    [
        {"purchase_price": "NaN"},
        {"site_id": "ARGENTNA"},
        {"site_id": None, "crypto_type": "BTC?"},
        {"crypto_type": "btc", "purchase_units": "0"},
    ],
)
def test_a_rejected_key_keeps_its_live_row(
    quick: Settings, db: Connection, cells: dict[str, str | None]
) -> None:
    rejected, _ = add_rows(db, {"user_id": "1"}, {"user_id": "2"})
    publish(quick)
    before = prod(db)
    change_row(db, rejected, **cells)
    assert publish(quick, policy="quarantine", tolerated=True) == Publication(
        0, 0, 0, 0, unchanged=1, protected=1
    )
    assert prod(db) == before


def test_a_reject_protects_no_other_key(quick: Settings, db: Connection) -> None:
    bad, _, gone, _ = add_rows(
        db,
        {"user_id": "1"},
        {"user_id": "2"},
        {"user_id": "1", "site_id": "BRASIL"},
        {"user_id": "3", "purchase_date": "9/3/2025"},
    )
    publish(quick)
    change_row(db, bad, purchase_price="-1")
    remove_rows(db, gone)
    publication = publish(quick, policy="quarantine", tolerated=True)
    assert (publication.deactivated, publication.protected) == (1, 1)
    inactive = [(row["site_id"], row["user_id"]) for row in prod(db) if not row["is_active"]]
    assert inactive == [("BRASIL", 1)]


def test_a_day_without_delivery_retires_nothing(quick: Settings, db: Connection) -> None:
    monday, _ = add_rows(db, {"user_id": "1", "purchase_date": "9/3/2025"}, {"user_id": "2"})
    publish(quick)
    before = prod(db)
    remove_rows(db, monday)
    assert publish(quick) == Publication(0, 0, 0, 0, unchanged=1, protected=1)
    assert prod(db) == before


def test_a_mass_deactivation_is_refused_until_it_is_allowed(
    quick: Settings, db: Connection
) -> None:
    ids = add_rows(db, *({"user_id": str(number)} for number in range(1, 21)))
    publish(quick)
    before = prod(db)
    remove_rows(db, *ids[:6])
    with pytest.raises(PublicationRefused, match=r"^6 of 20 live rows of 2025-03-10 vanished"):
        publish(quick)
    assert prod(db) == before
    assert publish(quick, allow_mass_deactivation=True).deactivated == 6
    assert [row["is_active"] for row in prod(db)] == 6 * [False] + 14 * [True]


def test_one_emptied_day_of_five_is_a_mass_deactivation(quick: Settings, db: Connection) -> None:
    users = range(1, 13)
    ids = add_rows(
        db, *({"user_id": str(user), "purchase_date": day} for day in DAYS for user in users)
    )
    publish(quick)
    remove_rows(db, *ids[:11])  # 11 of 60 is less than a fifth of the window
    with pytest.raises(PublicationRefused, match="11 of 12 live rows of 2025-03-06 vanished"):
        publish(quick)


def test_a_share_of_the_whole_window_is_a_mass_deactivation(
    make_quick: Callable[..., Settings], db: Connection
) -> None:
    settings = make_quick(deactivation_allowance=2)
    users = range(1, 11)
    ids = add_rows(
        db, *({"user_id": str(user), "purchase_date": day} for day in DAYS for user in users)
    )
    publish(settings)
    remove_rows(db, *(ids[10 * day + row] for day in range(5) for row in range(2)), ids[2])
    with pytest.raises(PublicationRefused, match=r"3 of 10 live rows of 2025-03-06 vanished"):
        publish(settings)
    (again,) = add_rows(db, {"user_id": "3", "purchase_date": "6/3/2025"})
    assert publish(settings).deactivated == 10  # exactly the share that is allowed
    assert again


def test_few_deactivations_need_no_permission(quick: Settings, db: Connection) -> None:
    ids = add_rows(db, *({"user_id": str(number)} for number in range(1, 7)))
    publish(quick)
    remove_rows(db, *ids[:5])
    assert publish(quick).deactivated == 5


@pytest.mark.parametrize("policy", ["abort", "quarantine"])
def test_an_empty_window_fails_and_leaves_prod(
    make_quick: Callable[..., Settings], db: Connection, policy: str
) -> None:
    settings = make_quick(policy=policy, max_reject_share=1)
    ids = add_rows(db, {})
    publish(settings)
    before = prod_by_user(db)
    remove_rows(db, *ids)
    run = plan_run(settings, AS_OF)
    build_events_candidate(settings, run)
    with pytest.raises(DataRejected, match="No raw row belongs to 2025-03-06 to 2025-03-10"):
        ge_validate_raw(settings, run)
    with pytest.raises(PublicationRefused, match="failed suite_raw_history"):
        merge_to_prod(settings, run)
    assert prod_by_user(db) == before


def test_an_empty_window_retires_nothing_even_if_it_got_through(
    quick: Settings, db: Connection
) -> None:
    ids = add_rows(db, {})
    publish(quick)
    remove_rows(db, *ids)
    publication = merge_to_prod(quick, stage(quick, allow_mass_deactivation=True))
    assert publication == Publication(0, 0, 0, 0, unchanged=0, protected=1)
