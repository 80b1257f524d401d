"""Dates in a contract: days, and the standard's patterns (`d/M/yyyy`) in two other spellings."""

import re
from datetime import date
from pathlib import Path

from flows.contracts.contract import Column
from flows.contracts.errors import BadContract

_PART = "(dd?|MM?|yyyy)"
_PATTERN = re.compile(rf"{_PART}([/\-. ]){_PART}\2{_PART}")
_USUAL = "yyyy-MM-dd"
_STRFTIME = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "M": "%m", "d": "%d"}


def spelled_out(path: Path, column: Column) -> str:
    """Return the column's format as KPI_CRYPTO__DATE_FORMAT writes it: `d/M/yyyy` is `D/M/YYYY`.

    Raises BadContract for a format that is none.
    """
    return _pattern(path, column).translate(str.maketrans("dy", "DY"))


def as_strftime(path: Path, column: Column) -> str:
    """Return the column's format as strftime writes it: `yyyy-MM-dd` is `%Y-%m-%d`.

    Raises BadContract for a format that is none.
    """
    pattern = _pattern(path, column)
    return re.sub("yyyy|MM?|dd?", lambda found: _STRFTIME[found[0]], pattern)


def day_of(path: Path, line: int, text: str) -> date:
    """Return the day that a contract names. Raises BadContract."""
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise BadContract(path, line, f"{text!r} is no day like 2009-01-31.") from None


def _pattern(path: Path, column: Column) -> str:
    pattern = str(column.options.get("format", _USUAL))
    match = _PATTERN.fullmatch(pattern)
    if match is None or {match[1][0], match[3][0], match[4][0]} != {"d", "M", "y"}:
        raise BadContract(
            path,
            column.line,
            f"the format of {column.name} is {pattern!r}, but it must be made of d or dd, M or MM, "
            "and yyyy, each once, with the same separator (/ - . or a space) between them.",
        )
    return pattern
