"""A key that cannot be kept, or a choice for rows that share one, is refused with its line."""

import re
from pathlib import Path

import pytest

from flows.contracts.errors import BadContract
from flows.crypto_events.contract import raw_rules
from flows.settings.crypto_events import CryptoSettings
from tests.contracts.keys import KEY, with_properties


@pytest.mark.parametrize(
    ("properties", "key", "line", "says"),
    [
        (
            "",
            ("user_id", "site_id"),
            "name: purchase_date",
            "purchase_date has to be in the primary",
        ),
        (
            "",
            ("purchase_date",),
            "name: user_id",
            "user_id has to be in the primary key: what chan",
        ),
        ("", (*KEY, "purchase_value"), "name: purchase_value", "purchase_value is computed"),
        ("{property: sharedKey, value: oldest}", KEY, "oldest", "refuse, newest, sum"),
        ("{property: sharedKey, value: sum}", KEY, "value: sum", "sum needs sumOf"),
        (
            "{property: sumOf, value: [purchase_units]}",
            KEY,
            "sumOf",
            "which only sharedKey: sum does",
        ),
        (
            "{property: sharedKey, value: sum}\n      - {property: sumOf, value: [purchase_price]}",
            KEY,
            "sumOf",
            "sumOf is purchase_price, but only purchase_units can be added up",
        ),
        (
            "{property: sharedKey, value: sum}\n      - {property: sumOf, value: [purchase_units]}",
            (*KEY, "purchase_units"),
            "sumOf",
            "purchase_units is in the key, so it cannot be added up",
        ),
    ],
)
def test_a_key_or_choice_that_cannot_be_kept(
    tmp_path: Path, properties: str, key: tuple[str, ...], line: str, says: str
) -> None:
    path = with_properties(tmp_path, f"      - {properties}\n" if properties else "", key)
    with pytest.raises(BadContract, match=re.escape(says)) as wrong:
        raw_rules(CryptoSettings(contract=path))
    assert wrong.value.line is not None
    assert line in path.read_text().splitlines()[wrong.value.line - 1]
