"""Whose a row is: by its user, or by another cell where its user is no number."""

import pytest

from flows.crypto_events.landing.whose import Whose
from flows.platform.forgetting.people import People
from flows.settings.crypto_events import CryptoSettings

COLUMNS = (
    "site_id",
    "user_id",
    "purchase_date",
    "crypto_type",
    "purchase_price",
    "purchase_units",
)


@pytest.mark.parametrize(
    ("row", "is_theirs"),
    [
        ("ARGENTINA,7,10/3/2025,BTC,20000,2", True),
        ("ARGENTINA,BTC,10/3/2025,7,20000,2", True),
        ("7,10/3/2025,BTC,20000,2,ARGENTINA", True),
        ("ARGENTINA,,7,BTC,20000,2", True),
        ("ARGENTINA,BTC,10/3/2025,user 007,20000,2", True),
        # A site may be called 7: this is a row of user 8, and stays theirs.
        ("7,8,10/3/2025,BTC,20000,2", False),
        ("ARGENTINA,,10/3/2025,BTC,7,7", False),
        ("ARGENTINA,,10/3/2025, 7UP ,20000,2", False),
        ("ARGENTINA,,7/7/2025,BTC,20000,2", False),
    ],
)
def test_a_number_where_none_belongs_is_a_user(row: str, is_theirs: bool) -> None:
    whose = Whose(People("7"), COLUMNS, CryptoSettings(crypto_types=("BTC", "7UP")))
    assert whose.is_theirs(row.split(",")) is is_theirs
