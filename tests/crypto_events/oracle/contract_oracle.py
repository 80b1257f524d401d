"""The contract of crypto events once more, in plain Python: written from its description.

It shares no code with flows/, so that the same mistake is not made twice.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from zoneinfo import ZoneInfo

SITES = ("ARGENTINA", "BRASIL", "MEXICO")
CRYPTOS = ("BTC", "ETH", "USDC")
YEARS = range(2020, 2031)
NO_DATES = {(1, 1, 1900), (31, 12, 1969), (1, 1, 1970)}
BLANKS = " \t\u00a0"
LONGEST_NUMBER = 200

RULES = {
    "date_in_future",
    *(f"{column}_missing" for column in ("site_id", "user_id", "purchase_date", "crypto_type")),
    *(f"{column}_unknown" for column in ("site_id", "crypto_type")),
    *("user_id_not_bigint", "user_id_too_small", "purchase_date_not_a_date"),
    "purchase_date_placeholder",
    *(
        f"{column}_{problem}"
        for column in ("purchase_price", "purchase_units")
        for problem in ("missing", "not_a_number", "not_positive", "too_large")
    ),
}
"""What it judges by. A rule that came later is proven by its own example."""

Key = tuple[object, ...]
Event = tuple[str, int, date, str]
KEY = ("site_id", "user_id", "purchase_date", "crypto_type")


@dataclass(frozen=True)
class RawRow:
    """A raw row as it arrived; without a number it has a row of its file for itself."""

    site_id: str | None
    user_id: str | None
    purchase_date: str | None
    crypto_type: str | None
    purchase_price: str | None
    purchase_units: str | None
    arrived_at: datetime
    dismissed: bool = False
    source: str = "test"
    row_number: int | None = None

    @property
    def cells(self) -> tuple[str | None, ...]:
        """The six columns of the contract."""
        return (
            self.site_id,
            self.user_id,
            self.purchase_date,
            self.crypto_type,
            self.purchase_price,
            self.purchase_units,
        )


@dataclass
class Sorted:
    """Where the rows must go, by their position in the list; rows outside the window nowhere."""

    published: dict[int, tuple[Event, Decimal, Decimal, Decimal]] = field(default_factory=dict)
    rejected: dict[int, set[str]] = field(default_factory=dict)
    superseded: dict[int, int] = field(default_factory=dict)
    superseded_as: dict[int, str] = field(default_factory=dict)
    dismissed: set[int] = field(default_factory=set)


def sort_rows(
    rows: Sequence[RawRow],
    first: date,
    last: date,
    zone: ZoneInfo,
    *,
    keep_newest: bool,
    shared: str = "refuse",
    key_columns: Sequence[str] = KEY,
) -> Sorted:
    """Sort the rows of the window; `keep_newest` settles conflicts, as policy quarantine does.

    `shared` is the contract's choice for rows that share a key.
    """
    dismissed = {row.cells for row in rows if row.dismissed}
    result = Sorted()
    groups: dict[Key, list[int]] = defaultdict(list)
    cells: dict[int, dict[str, object]] = {}
    for number, row in enumerate(rows):
        arrival = row.arrived_at.astimezone(zone).date()
        day = read_date(strip(row.purchase_date))
        in_future = day is not None and day > arrival + timedelta(days=1)
        dated = day is not None and first <= day <= last
        if not dated and not ((day is None or in_future) and first <= arrival <= last):
            continue
        reasons = broken_rules(row) | ({"date_in_future"} if in_future else set())
        if row.cells in dismissed:
            result.dismissed.add(number)
        elif reasons:
            result.rejected[number] = reasons
        else:
            cells[number] = {
                "site_id": strip(row.site_id),
                "user_id": int(strip(row.user_id)),
                "purchase_date": day,
                "crypto_type": strip(row.crypto_type),
                "purchase_price": Decimal(strip(row.purchase_price)),
                "purchase_units": Decimal(strip(row.purchase_units)),
            }
            groups[tuple(cells[number][column] for column in key_columns)].append(number)
    for numbers in groups.values():
        oldest_first = sorted(numbers, key=lambda number: (rows[number].arrived_at, number))
        roles = {
            "refuse": roles_refused,
            "newest": roles_of_older,
            "sum": roles_in_a_sum,
        }[shared](oldest_first, rows, cells)
        newest = oldest_first[-1]
        for number in numbers:
            role = roles.get(number)
            if role is None or (role == "conflict" and not keep_newest):
                added = [other for other in roles if roles[other] == "part" and number == newest]
                result.published[number] = event(cells, number, added)
            elif role == "conflict":
                result.rejected[number] = {"duplicate_candidate"}
            else:
                result.superseded[number] = newest
                result.superseded_as[number] = role
    return result


Cells = dict[int, dict[str, object]]


def roles_refused(numbers: list[int], rows: Sequence[RawRow], cells: Cells) -> dict[int, str]:
    """Rows that say what the newest says are repetitions, all others are in conflict with it."""
    *others, newest = numbers
    return {
        number: "repetition" if cells[number] == cells[newest] else "conflict" for number in others
    }


def roles_of_older(numbers: list[int], rows: Sequence[RawRow], cells: Cells) -> dict[int, str]:
    """Whatever they say, the newest counts."""
    *others, newest = numbers
    return {
        number: "repetition" if cells[number] == cells[newest] else "older" for number in others
    }


def roles_in_a_sum(numbers: list[int], rows: Sequence[RawRow], cells: Cells) -> dict[int, str]:
    """A row of a file counts once, as it arrived last; units may differ from row to row."""
    roles = {}
    newest = numbers[-1]
    for position, number in enumerate(numbers[:-1]):
        own = cells[number]
        if {**own, "purchase_units": None} != {**cells[newest], "purchase_units": None}:
            roles[number] = "conflict"
            continue
        row = rows[number]
        later = [
            other
            for other in numbers[position + 1 :]
            if row.row_number is not None
            and (rows[other].source, rows[other].row_number) == (row.source, row.row_number)
        ]
        if not later:
            roles[number] = "part"
        else:
            roles[number] = "repetition" if cells[later[-1]] == own else "conflict"
    return roles


def event(cells: Cells, number: int, added: list[int]) -> tuple[Event, Decimal, Decimal, Decimal]:
    """Return what is published of a row and of those that are added to it."""
    own = cells[number]
    price = own["purchase_price"]
    with localcontext(prec=1000):
        units = sum((cells[part]["purchase_units"] for part in added), own["purchase_units"])
    return (
        (own["site_id"], own["user_id"], own["purchase_date"], own["crypto_type"]),
        price,
        units,
        exact_product(price, units),
    )


def broken_rules(row: RawRow) -> set[str]:
    """Return the rules that the row breaks by itself, whenever it arrived."""
    problems = {
        "site_id": name_problem(strip(row.site_id), SITES),
        "user_id": user_problem(strip(row.user_id)),
        "purchase_date": date_problem(strip(row.purchase_date)),
        "crypto_type": name_problem(strip(row.crypto_type), CRYPTOS),
        "purchase_price": number_problem(strip(row.purchase_price), 14),
        "purchase_units": number_problem(strip(row.purchase_units), 10),
    }
    return {f"{column}_{problem}" for column, problem in problems.items() if problem}


def name_problem(name: str, names: tuple[str, ...]) -> str | None:
    """One of the names, letter for letter."""
    if not name:
        return "missing"
    return None if name in names else "unknown"


def user_problem(user: str) -> str | None:
    """A whole number in ASCII digits that fits BIGINT, at least 1."""
    if not user:
        return "missing"
    if len(user) > LONGEST_NUMBER or not re.fullmatch("-?[0-9]+", user):
        return "not_bigint"
    if not -(2**63) <= int(user) < 2**63:
        return "not_bigint"
    return "too_small" if int(user) < 1 else None


def date_problem(day: str) -> str | None:
    """A real day, and none that systems write when they know no date."""
    if not day:
        return "missing"
    match = re.fullmatch("([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", day)
    if match and tuple(map(int, match.groups())) in NO_DATES:
        return "placeholder"
    return "not_a_date" if read_date(day) is None else None


def number_problem(number: str, digits: int) -> str | None:
    """A plain decimal number above 0, with so many digits before the point."""
    if not number:
        return "missing"
    if len(number) > LONGEST_NUMBER or not re.fullmatch("-?[0-9]+([.][0-9]+)?", number):
        return "not_a_number"
    if Decimal(number) <= 0:
        return "not_positive"
    return "too_large" if Decimal(number) >= 10**digits else None


def strip(cell: str | None) -> str:
    """Return the cell without the blanks around it, '' when nothing arrived."""
    return (cell or "").strip(BLANKS)


def read_date(text: str) -> date | None:
    """Read D/M/YYYY in ASCII digits, with or without leading zeros."""
    match = re.fullmatch("([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", text)
    if match is None or int(match[3]) not in YEARS:
        return None
    try:
        return date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        return None


def exact_product(price: Decimal, units: Decimal) -> Decimal:
    """Multiply without rounding."""
    with localcontext(prec=1000):
        return price * units
