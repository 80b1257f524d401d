"""A verifying run stops where what is published is not what a full computation gives."""

import pytest

from flows.crypto_events.publication.merge_to_prod import merge_to_prod
from flows.errors import KpiError
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import add_rows, change_row, prod_by_user, publish, stage

UNNOTICED = """
BEGIN;
SET LOCAL kpi.publishes = 'on';
UPDATE prod.bt_crypto_events SET purchase_price = 9, purchase_value = 18 WHERE user_id = 1;
COMMIT
"""


def test_a_difference_that_nothing_explains_stops_it(quick: Settings, db: Connection) -> None:
    add_rows(db, {"user_id": "1"}, {"user_id": "2"}, {"user_id": "3", "purchase_date": "9/3/2025"})
    publish(quick)
    db.execute(UNNOTICED)
    assert publish(quick).unchanged == 3  # nothing touched it, so that nobody looks
    run = stage(quick, verify=True)
    with pytest.raises(
        KpiError,
        match=r"^What is published of 2025-03-10 is not what its raw rows say, .*: 1 rows differ\. "
        r"Nothing was published; `kpi run --full` mends it\.$",
    ):
        merge_to_prod(quick, run)
    with pytest.raises(KpiError, match="What is published of 2025-03-10"):
        publish(quick, verify=True)
    publish(quick, full=True)
    assert prod_by_user(db)[1]["purchase_price"] == 20000
    assert publish(quick, verify=True).unchanged == 3


def test_what_is_known_to_have_changed_is_published(quick: Settings, db: Connection) -> None:
    one, _ = add_rows(db, {"user_id": "1"}, {"user_id": "2"})
    publish(quick)
    change_row(db, one, purchase_price="9")
    add_rows(db, {"user_id": "3", "purchase_date": "9/3/2025"})
    assert publish(quick, verify=True).updated == 1
