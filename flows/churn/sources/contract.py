"""The contract of the five source files: each column once, with what its cells may hold.

`flows/churn/sources/cells.py` makes the checks from it. To add a column, add one entry.
"""

from dataclasses import dataclass
from typing import Literal

CellType = Literal["whole number", "number", "amount", "date", "text"]

USER = "CUS_CUST_ID_BUY"
KNOWN_INVESTMENTS = ("Investing", "Eligible", "Elegible", "Warmup", "Pending")
# What databases, spreadsheets and pandas write where there is no value.
NOTHING = ("null", "\\n", "nan", "nat", "na", "n/a", "#n/a", "<na>", "nil", "none", "-")
# Of CARD_TYPE: a user without a card, who is not one of whom nothing is known.
NO_CARD = "None"
NO_WORD_FOR_A_CARD = tuple(word for word in NOTHING if word != NO_CARD.lower())


@dataclass(frozen=True)
class Column:
    """One column: its name in the file, its name in Parquet, and what its cells may hold.

    Amounts are read to four decimals. An empty cell is missing, and so is one that holds a word
    for nothing, in any case. `known` closes a text: other values are counted and count as missing,
    or are refused, by the setting `unknown_values`. `fixed_words` are texts that mean something,
    read in any case.
    """

    name: str
    becomes: str
    type: CellType
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    known: tuple[str, ...] = ()
    fixed_words: tuple[str, ...] = ()
    nothing: tuple[str, ...] = NOTHING


@dataclass(frozen=True)
class SourceFile:
    """One CSV file; `describes_users` when it has one row per user, true as of one day.

    `newest_day` is the column that shows how new such a file is.
    """

    name: str
    columns: tuple[Column, ...]
    describes_users: bool = True
    newest_day: str | None = None

    @property
    def file_name(self) -> str:
        """Its name in the delivery."""
        return f"{self.name}.csv"

    def column(self, name: str) -> Column:
        """Return the column that the file calls `name`."""
        return next(column for column in self.columns if column.name == name)


def _user() -> Column:
    return Column(USER, "user_id", "whole number", required=True)


PAYMENTS = SourceFile(
    "PAYMENTS",
    (
        Column("FECHA", "paid_on", "date", required=True),
        Column("CUS_CUST_ID_SEL", "seller_id", "whole number"),
        _user(),
        Column("SPENT", "spent", "amount", required=True, minimum=0),
        Column("TPV_SEGMENT_DETAIL", "segment", "text"),
        Column("DESCUENTO", "discount", "amount", minimum=0),
    ),
    describes_users=False,
)
ACTIVE_USER = SourceFile(
    "ACTIVE_USER",
    (
        _user(),
        Column("MAU_MP_1", "mau_mp_1", "whole number", minimum=0),
        Column("MAU_ML_1", "mau_ml_1", "whole number", minimum=0),
        Column("MAU_ML_2", "mau_ml_2", "whole number", minimum=0),
        Column("last_login_mp_date_1", "last_login_on", "date"),
    ),
    newest_day="last_login_mp_date_1",
)
DEMOGRAFICOS = SourceFile(
    "DEMOGRAFICOS",
    (
        _user(),
        Column("AGE", "age", "whole number", minimum=0, maximum=130),
        Column("GENDER", "gender", "text", known=("F", "M")),
        Column(
            "CARD_TYPE", "card_type", "text", fixed_words=(NO_CARD,), nothing=NO_WORD_FOR_A_CARD
        ),
        Column("CITY", "city", "text"),
    ),
)
DINERO_CUENTA = SourceFile(
    "DINERO_CUENTA",
    (
        _user(),
        Column("PLATA_CUENTA_1", "balance_last_month", "amount"),
        Column("PLATA_CUENTA_2", "balance_month_before", "amount"),
        Column("INVERSION", "investment", "text", known=KNOWN_INVESTMENTS),
    ),
)
MARKETPLACE_DATA = SourceFile(
    "MARKETPLACE_DATA",
    (
        _user(),
        Column("SPENT_ML", "spent_ml", "amount", minimum=0),
        Column("RECENCY_ML", "last_purchase_on", "date"),
        Column("FREQUENCY_ML", "frequency_ml", "whole number", minimum=0),
    ),
    newest_day="RECENCY_ML",
)

SOURCE_FILES = (PAYMENTS, ACTIVE_USER, DEMOGRAFICOS, DINERO_CUENTA, MARKETPLACE_DATA)
