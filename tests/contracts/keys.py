"""Our contract of crypto events with another key, or another choice for rows that share it."""

import re
from collections.abc import Sequence
from pathlib import Path

from flows.settings import Settings
from tests.contracts.changed import CRYPTO

KEY = ("site_id", "user_id", "purchase_date", "crypto_type")
KEYS = (KEY, ("user_id", "purchase_date"), (*KEY, "purchase_price"))
CHOICES = ("refuse", "newest", "sum")

_AS_IT_IS = re.compile(r" +primaryKey: true\n +primaryKeyPosition: \d\n")
_DECLARED = {
    "refuse": "",
    "newest": "      - {property: sharedKey, value: newest}\n",
    "sum": (
        "      - {property: sharedKey, value: sum}\n"
        "      - {property: sumOf, value: [purchase_units]}\n"
    ),
}


def contract_with(folder: Path, shared: str = "refuse", key: Sequence[str] = KEY) -> Path:
    """Return a copy of the contract in the folder."""
    return with_properties(folder, _DECLARED[shared], key, f"{shared}-{'-'.join(key)}")


def by_contract(settings: Settings, contract: Path) -> Settings:
    """Return the settings with another file of the contract."""
    values = settings.model_dump()
    crypto = {**values["crypto"], "contract": contract}
    return Settings.model_validate({**values, "crypto": crypto})


def with_properties(
    folder: Path, properties: str, key: Sequence[str] = KEY, name: str = "mine"
) -> Path:
    """Return a copy of the contract whose table has these custom properties, as YAML, as well."""
    text = _AS_IT_IS.sub("", CRYPTO.read_text(encoding="utf-8"))
    for position, column in enumerate(key, 1):
        text = re.sub(
            rf"( +)- name: {column}\n",
            rf"\g<0>\1  primaryKey: true\n\1  primaryKeyPosition: {position}\n",
            text,
        )
    assert f"[{', '.join(KEY)}]" in text
    text = text.replace(f"[{', '.join(KEY)}]", f"[{', '.join(key)}]")
    first = "      - property: numberMaxLength\n"
    assert first in text
    copy = folder / f"{name}.odcs.yaml"
    copy.write_text(text.replace(first, properties + first), encoding="utf-8")
    return copy
