"""Guess how a file becomes a contract's columns: from the names of its columns, and its cells.

What only chance would decide is never guessed: 3/4/2025, where no day of the file is after the
12th, and 1.234, where no number of the file says whether that is a thousand.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flows.contracts.contract import Column, Table
from flows.contracts.producers.cells import BLANKS, date_pattern, date_reader, number_reader
from flows.contracts.producers.sample import Sample
from flows.errors import BadInput

_DATE = re.compile(r"(\d{1,4})([-/. ])(\d{1,2})\2(\d{1,4})(?:(T| )(.*))?", re.ASCII)
_TIMES = ("HH:mm:ss[.SSSS]", "HH:mm", "HH:mm:ss[.SSSS]XXX", "HH:mm:ss 'UTC'", "h:mm[:ss] a")
_DIGITS_OF_YEAR = 4
_SIGNS = (
    *((".", ""), (",", ""), (",", "."), (".", ",")),
    *((",", " "), (",", "\u00a0"), (",", "\u202f"), (".", "'")),
)


@dataclass(frozen=True)
class Guess:
    """How the file could become the table; a column that is in `missing` looks like none of it.

    `foreign` has, by column, values that the contract does not know.
    """

    sample: Sample
    table: Table
    columns: dict[str, str]
    missing: tuple[str, ...]
    others: tuple[str, ...]
    date_format: str | None
    signs: tuple[str, str]
    foreign: dict[str, tuple[str, ...]]


def infer(
    sample: Sample,
    table: Table,
    date_format: str | None = None,
    decimal_sign: str | None = None,
) -> Guess:
    """Return a guess; `date_format` and `decimal_sign` decide what the file does not.

    Raises BadInput for dates or numbers that can be read in two ways, or in none, and for a format
    or sign that is none.
    """
    if date_format is not None and date_pattern(date_format) is None:
        raise BadInput(
            f"--date-format is {date_format!r}, but it is made of yyyy, M or MM, and d or dd, each "
            "once, such as d/M/yyyy."
        )
    if decimal_sign not in (None, ".", ","):
        raise BadInput(f"--decimal-sign is . or , and not {decimal_sign!r}.")
    columns = _columns(sample, table)
    kinds = {column.name: column.logical_type for column in table.columns}
    dates = [header for name, header in columns.items() if kinds[name] == "date"]
    numbers = [h for name, h in columns.items() if kinds[name] in ("integer", "number")]
    return Guess(
        sample=sample,
        table=table,
        columns=columns,
        missing=tuple(c.name for c in table.delivered if c.name not in columns),
        others=tuple(h for h in sample.header if h not in columns.values()),
        date_format=date_format or next((_date_format(sample, header) for header in dates), None),
        signs=_signs(sample, numbers, decimal_sign),
        foreign=_foreign(sample, table, columns),
    )


def _columns(sample: Sample, table: Table) -> dict[str, str]:
    free = {_plain(header): header for header in reversed(sample.header)}
    found: dict[str, str] = {}
    # A column's own name first, so that nobody else's other name takes it.
    for names in (lambda c: [c.name, c.delivered_name], lambda c: c.custom.get("alsoCalled", [])):
        for column in table.delivered:
            if column.name in found:
                continue
            wanted = (_plain(str(name)) for name in names(column))
            if match := next((name for name in wanted if name in free), None):
                found[column.name] = free.pop(match)
    return {column.name: found[column.name] for column in table.delivered if column.name in found}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _date_format(sample: Sample, header: str) -> str | None:
    cells = [cell.strip(BLANKS) for cell in sample.cells(header)]
    formats = dict.fromkeys(form for cell in cells[:50] for form in _formats_of(cell))
    if not formats:
        return None
    read = {form: sum(_is_date(form, cell) for cell in cells) for form in formats}
    most = max(read.values())
    best = [form for form, count in read.items() if count == most]
    orders = dict.fromkeys(map(_order, best))
    if not most:
        raise BadInput(
            f"{sample.name}: no date in {header} has a year of four digits and is a real day, so "
            "which year it is would be a guess. Ask for dates like 2025-03-31."
        )
    if len(orders) > 1:
        choices = [next(f for f in best if _order(f) == order) for order in orders]
        only = [_only_by(one, other, cells) for one, other in (choices[:2], choices[1::-1])]
        if all(only):
            raise BadInput(
                f"{sample.name}: of the dates in {header}, {only[0]:,} can only be read as "
                f"{choices[0]}, and {only[1]:,} only as {choices[1]}: no format reads all of them. "
                "Ask who wrote the file."
            )
        raise BadInput(
            f"{sample.name}: each date in {header} can be read as {' and as '.join(choices)}, and "
            f"no row decides it. Ask who wrote the file, and say it: --date-format '{choices[0]}'."
        )
    # The strictest: with two digits, where all have two.
    return max(best, key=len)


def _only_by(one: str, other: str, cells: list[str]) -> int:
    return sum(_is_date(one, cell) and not _is_date(other, cell) for cell in cells)


def _order(date_format: str) -> str:
    return re.sub(r"[^dMy]", "", date_format).replace("dd", "d").replace("MM", "M")


def _formats_of(cell: str) -> list[str]:
    match = _DATE.fullmatch(cell)
    if match is None:
        return []
    separator, between, time = match[2], match[5], match[6]
    tails = [""]
    if between:
        tails = [("'T'" if between == "T" else " ") + tail for tail in _TIMES if time]
    orders = (
        (("yyyy", "MM", "dd"),)
        if len(match[1]) == _DIGITS_OF_YEAR
        else (("dd", "MM", "yyyy"), ("MM", "dd", "yyyy"))
    )
    forms = [separator.join(order) for order in orders]
    forms += [form.replace("dd", "d").replace("MM", "M") for form in forms]
    return [form + tail for form in forms for tail in tails]


def _is_date(date_format: str, cell: str) -> bool:
    return "(" not in date_reader(date_format, date.isoformat)(cell)


def _signs(sample: Sample, headers: Sequence[str], decimal: str | None) -> tuple[str, str]:
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    cells = [cell for header in headers for cell in sample.cells(header)]
    best = -1
    for signs in _SIGNS:
        if decimal and signs[0] != decimal:
            continue
        read = number_reader(*signs)
        texts = tuple(read(cell) for cell in cells)
        good = sum("(" not in text for text in texts)
        if good > best:
            best, found = good, {texts: signs}
        elif good == best:
            found.setdefault(texts, signs)
    if len(found) > 1:
        raise BadInput(
            f"{sample.name}: the numbers in {', '.join(headers)} can be read with a decimal point "
            "and with a decimal comma, and no row decides it. Ask who wrote the file, and say it: "
            "--decimal-sign '.' or --decimal-sign ','."
        )
    return next(iter(found.values()), (".", ""))


def _foreign(sample: Sample, table: Table, columns: dict[str, str]) -> dict[str, tuple[str, ...]]:
    foreign = {}
    for name, header in columns.items():
        if known := _known_values(table.column(name)):
            found = dict.fromkeys(cell.strip(BLANKS) for cell in sample.cells(header))
            if unknown := tuple(value for value in found if value not in known):
                foreign[name] = unknown
    return foreign


def _known_values(column: Column) -> list[str]:
    values = (rule.arguments.get("validValues") for rule in column.rules if rule.kind == "enum")
    return [str(value) for value in next(values, None) or []]
