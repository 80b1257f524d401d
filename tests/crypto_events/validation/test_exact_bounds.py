"""At its very bounds a number is judged alike by the SQL and by Great Expectations."""

from collections.abc import Callable

import pytest

from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.crypto_events.validation.validate import ge_validate_candidate, ge_validate_raw
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import AS_OF, add_rows, candidates, reasons


@pytest.mark.parametrize(
    "cells",
    [
        {"purchase_price": "99999999999999." + 30 * "9"},
        {"purchase_units": "9999999999." + 30 * "9"},
        {"purchase_units": "0." + 190 * "0" + "1"},
        {"user_id": "9223372036854775807"},
    ],
)
def test_the_largest_and_the_smallest_good_cell_pass(
    quick: Settings, db: Connection, cells: dict[str, str]
) -> None:
    good = add_rows(db, cells)
    run = plan_run(quick, AS_OF)

    build_events_candidate(quick, run)
    assert (candidates(db), reasons(db)) == (good, {})
    assert ge_validate_raw(quick, run).success


@pytest.mark.parametrize(("user_id", "is_good"), [(2**53, False), (2**53 + 1, True)])
def test_ids_of_seventeen_digits_are_told_apart(
    make_quick: Callable[..., Settings], db: Connection, user_id: int, is_good: bool
) -> None:
    # As floats, both are one number.
    settings = make_quick(min_user_id=2**53 + 1, policy="quarantine", max_reject_share=1)
    [raw_id] = add_rows(db, {"user_id": str(user_id)})
    run = plan_run(settings, AS_OF)

    build_events_candidate(settings, run)
    assert reasons(db) == ({} if is_good else {raw_id: ["user_id_too_small"]})
    assert ge_validate_raw(settings, run).success == is_good


def test_a_product_that_is_no_float_is_greater_than_0(quick: Settings, db: Connection) -> None:
    tiny = "0." + 195 * "0" + "1"
    add_rows(db, {"purchase_price": tiny, "purchase_units": tiny})
    run = plan_run(quick, AS_OF)

    build_events_candidate(quick, run)
    assert ge_validate_raw(quick, run).success
    assert ge_validate_candidate(quick, run).success
