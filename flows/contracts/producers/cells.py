"""Cells as a producer writes them, read into the text that a contract expects.

A reader never guesses: a cell that is not written as the producer says keeps its text, with a note
that lets no contract read it as something else. 13/01/2025 is no M/d/yyyy, but it is a D/M/YYYY.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

Reader = Callable[[str], str]

# What a contract forgives around a cell.
BLANKS = " \t\u00a0"

# The standard's patterns are those of Java's DateTimeFormatter.
_PARTS = {
    "yyyy": r"(?P<year>\d{4})",
    "MM": r"(?P<month>\d{2})",
    "M": r"(?P<month>\d{1,2})",
    "dd": r"(?P<day>\d{2})",
    "d": r"(?P<day>\d{1,2})",
    "HH": r"\d{2}",
    "H": r"\d{1,2}",
    "hh": r"\d{2}",
    "h": r"\d{1,2}",
    "mm": r"\d{2}",
    "ss": r"\d{2}",
    "a": r"(?:[AaPp][Mm])",
    "XXX": r"(?:Z|[+-]\d{2}:\d{2})",
    "[": "(?:",
    "]": ")?",
}
_STRFTIME = {"yyyy": "%Y", "MM": "%m", "M": "%m", "dd": "%d", "d": "%d"}
_TOKEN = re.compile(r"'([^']*)'|([A-Za-z])\2*|.", re.DOTALL)


def date_pattern(date_format: str) -> re.Pattern[str] | None:
    """Return what matches a date of the format, or None when it is no format of a date.

    A format is made of yyyy, M or MM, d or dd, each once; hours and the like may follow, and what
    stands in brackets may be missing: yyyy-MM-dd HH:mm:ss[.SSS].
    """
    parts = [_expression(token) for token in _TOKEN.finditer(date_format)]
    if None in parts:
        return None
    try:
        pattern = re.compile("".join(map(str, parts)), re.ASCII)
    except re.error:
        return None
    return pattern if set(pattern.groupindex) == {"year", "month", "day"} else None


@dataclass(frozen=True)
class DayInText:
    """Where the day stands in a cell, for an engine that reads a column as a whole.

    `pattern` is a regular expression whose first group is the day, empty when a cell is nothing but
    that; `strftime` is the form of the day.
    """

    pattern: str
    strftime: str


def day_in_text(date_format: str) -> DayInText | None:
    """Return where a date of the format has its day; None when something else is within the day.

    What may stand there are other signs than letters.
    """
    tokens = list(_TOKEN.finditer(date_format))
    places = [place for place, token in enumerate(tokens) if token[0] in _STRFTIME]
    first, last = places[0], places[-1] + 1
    day = tokens[first:last]
    if any(token[0] not in _STRFTIME and (token[0] in _PARTS or token[2]) for token in day):
        return None
    before, within, after = (
        "".join(str(_expression(token)) for token in part)
        for part in (tokens[:first], day, tokens[last:])
    )
    signs = ((token[0] if token[1] is None else token[1]).replace("%", "%%") for token in day)
    form = "".join(_STRFTIME.get(token[0], sign) for token, sign in zip(day, signs, strict=True))
    return DayInText(f"{before}({within}){after}" if before or after else "", form)


def _expression(token: re.Match[str]) -> str | None:
    text = token[0]
    if token[1] is not None:
        return re.escape(token[1])
    if text in _PARTS:
        return _PARTS[text]
    if set(text) == {"S"}:
        return r"\d{1,9}"
    return None if text.isalpha() else re.escape(text)


def date_reader(date_format: str, write: Callable[[date], str]) -> Reader:
    """Return what reads dates of the format, and writes them by `write`; a time of day is dropped.

    Raises ValueError when it is no format of a date.
    """
    pattern = date_pattern(date_format)
    if pattern is None:
        raise ValueError(date_format)
    note = f" (not {date_format})"

    # A delivery has few days, and each many times.
    @lru_cache(maxsize=4096)
    def read(cell: str) -> str:
        text = cell.strip(BLANKS)
        if not text:
            return cell
        match = pattern.fullmatch(text)
        try:
            day = match and date(int(match["year"]), int(match["month"]), int(match["day"]))
        except ValueError:
            day = None
        return write(day) if day else f"{text}{note}"

    return read


def number_reader(decimal_sign: str, thousands_sign: str) -> Reader:
    """Return what reads numbers with these signs, and writes them with a point and no others."""
    point, group = re.escape(decimal_sign), re.escape(thousands_sign)
    whole = rf"\d{{1,3}}(?:{group}\d{{3}})+|\d+" if thousands_sign else r"\d+"
    pattern = re.compile(rf"-?(?:{whole})(?:{point}\d+)?", re.ASCII)

    def read(cell: str) -> str:
        text = cell.strip(BLANKS)
        if not text:
            return cell
        if not pattern.fullmatch(text):
            return f"{text} (not a number as the producer writes it)"
        if thousands_sign:
            text = text.replace(thousands_sign, "")
        return text.replace(decimal_sign, ".")

    return read
