"""The contract of the five source files: each column once, with what its cells may hold.

`flows/churn/sources/csv_file.py` makes the checks from it. To add a column, add one entry.
"""

from dataclasses import dataclass
from typing import Literal

from flows.platform.compute.duckdb import sql_literal

CellType = Literal["whole number", "number", "amount", "date", "text"]

USER = "CUS_CUST_ID_BUY"
KNOWN_INVESTMENTS = ("Investing", "Eligible", "Elegible", "Warmup", "Pending")


@dataclass(frozen=True)
class Column:
    """One column: its name in the file, its name in Parquet, and what its cells may hold.

    Amounts are read to four decimals; an empty cell is missing.
    """

    name: str
    becomes: str
    type: CellType
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    allowed: tuple[str, ...] = ()


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
        Column("GENDER", "gender", "text", allowed=("F", "M")),
        Column("CARD_TYPE", "card_type", "text"),
        Column("CITY", "city", "text"),
    ),
)
DINERO_CUENTA = SourceFile(
    "DINERO_CUENTA",
    (
        _user(),
        Column("PLATA_CUENTA_1", "balance_last_month", "amount"),
        Column("PLATA_CUENTA_2", "balance_month_before", "amount"),
        Column("INVERSION", "investment", "text", allowed=KNOWN_INVESTMENTS),
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


@dataclass(frozen=True)
class Rule:
    """A rule for a column's cells; `broken` is SQL over `{cell}` (text) and `{value}` (parsed)."""

    sentence: str
    broken: str


def parsed(column: Column, date_format: str) -> str:
    """Return SQL that parses `{cell}`, or returns NULL: it never raises."""
    match column.type:
        case "whole number":
            return "TRY_CAST({cell} AS BIGINT)"
        case "number":
            return "TRY_CAST({cell} AS DOUBLE)"
        case "amount":
            return "TRY_CAST({cell} AS DECIMAL(18, 4))"
        case "date":
            # DuckDB reads words like "epoch" as 1900-01-01, and 26 as a year.
            day = f"CAST(TRY_STRPTIME({{cell}}, {sql_literal(date_format)}) AS DATE)"
            return (
                f"CASE WHEN {day} > DATE '1900-01-01' AND {day} < DATE '2200-01-01' THEN {day} END"
            )
        case "text":
            return "{cell}"


def rules(column: Column, date_format: str) -> list[Rule]:
    """Return the column's rules, in the order in which they are checked."""
    made = [Rule("missing", "{cell} IS NULL")] if column.required else []
    match column.type:
        case "whole number":
            # TRY_CAST rounds, and accepts 0x10; pandas writes some whole numbers as 12.0.
            whole = "TRY_CAST({cell} AS DOUBLE) = trunc(TRY_CAST({cell} AS DOUBLE))"
            unreadable = f"{{cell}} IS NOT NULL AND ({{value}} IS NULL OR ({whole}) IS NOT TRUE)"
            made.append(Rule("no whole number", unreadable))
        case "number":
            # "nan" and "inf" are numbers to DuckDB.
            unreadable = "{cell} IS NOT NULL AND ({value} IS NULL OR NOT isfinite({value}))"
            made.append(Rule("no number", unreadable))
        case "amount":
            made.append(Rule("no number", "{cell} IS NOT NULL AND {value} IS NULL"))
        case "date":
            unreadable = "{cell} IS NOT NULL AND {value} IS NULL"
            made.append(Rule(f"no day as {date_format}", unreadable))
        case "text":
            pass
    if column.minimum is not None:
        made.append(Rule(f"below {column.minimum}", f"{{value}} < {column.minimum}"))
    if column.maximum is not None:
        made.append(Rule(f"above {column.maximum}", f"{{value}} > {column.maximum}"))
    if column.allowed:
        names = ", ".join(map(sql_literal, column.allowed))
        made.append(Rule(f"none of {', '.join(column.allowed)}", f"{{cell}} NOT IN ({names})"))
    return made
