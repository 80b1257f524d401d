"""The key of crypto events as SQL, and what becomes of rows that share it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import LiteralString

from psycopg import sql

from flows.crypto_events.contract import table_of
from flows.crypto_events.fitting import RAW_COLUMNS, SUMMED
from flows.settings.crypto_events import CryptoSettings

# As rows are looked up, by day and user first; so the published table's index has them, too.
_ORDER: tuple[LiteralString, ...] = (
    "purchase_date",
    "user_id",
    "site_id",
    "crypto_type",
    "purchase_price",
    "purchase_units",
)
# Of a column and of the hash so far. A third of what hashing the columns as a row costs.
_HASHES: dict[str, LiteralString] = {
    "purchase_date": "hashint4extended({0} - DATE '0001-01-01', {1})",
    "user_id": "hashint8extended({0}, {1})",
    "site_id": "hashtextextended({0}, {1})",
    "crypto_type": "hashtextextended({0}, {1})",
    "purchase_price": "hash_numeric_extended({0}, {1})",
    "purchase_units": "hash_numeric_extended({0}, {1})",
}
_SUPERSEDED = {
    "refuse": "repeated",
    "newest": "repeated or older",
    "sum": "repeated or added to others",
}
_MEANING = {
    "refuse": "rows that share the key are equal",
    "newest": "of rows that share the key, the one that arrived last is published",
    "sum": f"rows that share the key differ in {', '.join(SUMMED)} alone, which are added up",
}


@dataclass(frozen=True)
class Key:
    """The columns of the key, and `shared`: refuse, newest or sum (docs/contracts.md)."""

    columns: tuple[str, ...]
    shared: str = "refuse"

    @classmethod
    def of(cls, crypto: CryptoSettings) -> "Key":
        """Return the key of the contract. Raises BadContract."""
        table = table_of(crypto)
        return cls(table.key, table.shared_key[0])

    @property
    def ordered(self) -> list[str]:
        """The columns in the order of the published table's index, in which rows are grouped."""
        return [name for name in _ORDER if name in self.columns]

    @property
    def values(self) -> list[str]:
        """The delivered columns that are not in the key."""
        return [name for name in RAW_COLUMNS if name not in self.columns]

    @property
    def fixed(self) -> list[str]:
        """The values that rows of a key must agree in, or be in conflict."""
        by_choice = {
            "refuse": self.values,
            "newest": [],
            "sum": [name for name in self.values if name not in SUMMED],
        }
        return by_choice[self.shared]

    @property
    def hash(self) -> sql.Composable:
        """SQL for a hash of a row's key, which is 0 where a part of the key is missing."""
        hashed: sql.Composable = sql.SQL("0")
        for name in self.ordered:
            hashed = sql.SQL(_HASHES[name]).format(sql.Identifier(name), hashed)
        return sql.SQL("coalesce({}, 0)").format(hashed)

    @property
    def meaning(self) -> str:
        """What becomes of rows that share the key, in words."""
        return _MEANING[self.shared]

    @property
    def superseded(self) -> str:
        """What superseded rows are called in a sentence that counts them."""
        return _SUPERSEDED[self.shared]


def columns(names: Iterable[str], *of: str) -> sql.Composable:
    """Return the names as a list in SQL, of a table when one is given."""
    return sql.SQL(", ").join(sql.Identifier(*of, name) for name in names)


def listed(text: LiteralString, names: Iterable[str]) -> sql.Composable:
    """Return the text for each column, which is `{0}` in it, with commas between."""
    return sql.SQL(",\n    ").join(_each(text, names))


def all_of(text: LiteralString, names: Iterable[str]) -> sql.Composable:
    """Return a condition on each column, `{0}` in the text, joined by AND; true without any."""
    return sql.SQL("\n        AND ").join(_each(text, names) or [sql.SQL("true")])


def _each(text: LiteralString, names: Iterable[str]) -> list[sql.Composable]:
    return [sql.SQL(text).format(sql.Identifier(name)) for name in names]
