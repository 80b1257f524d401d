"""Which texts are valid dates: the contract's days and format, as a table of every form."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product

from flows.errors import BadInput
from flows.platform.warehouse.connection import Connection, Parameters, execute, fetch_one
from flows.platform.warehouse.locks import wait_for_lock
from flows.settings import Settings
from flows.settings.crypto_events import CryptoSettings

_PART = "(DD?|MM?|YYYY)"
_FORMAT = re.compile(rf"{_PART}([/\-. ]){_PART}\2{_PART}")


@dataclass(frozen=True)
class _Spelling:
    """One way to write a date: for Python's str.format and for PostgreSQL's to_char.

    Of later days or months, another spelling gives the same text.
    """

    python: str
    postgres: str
    last_day: int = 31
    last_month: int = 12


_SPELLINGS = {
    "D": (_Spelling("{0.day}", "FMDD"), _Spelling("{0.day:02}", "DD", last_day=9)),
    "DD": (_Spelling("{0.day:02}", "DD"),),
    "M": (_Spelling("{0.month}", "FMMM"), _Spelling("{0.month:02}", "MM", last_month=9)),
    "MM": (_Spelling("{0.month:02}", "MM"),),
    "YYYY": (_Spelling("{0.year:04}", "YYYY"),),
}


def date_forms(date_format: str, day: date) -> list[str]:
    """Return every text that means `day` in the format, each once.

    D/M/YYYY gives 1/3/2025, 1/03/2025, 01/3/2025, 01/03/2025. Raises BadInput for an invalid
    format.
    """
    return list(dict.fromkeys(s.python.format(day) for s in _spellings(date_format)))


def contract_days(crypto: CryptoSettings, days: Iterable[date]) -> list[date]:
    """Return those of the days that are real dates by the contract."""
    return [
        day
        for day in days
        if crypto.first_year <= day.year <= crypto.last_year and day not in crypto.placeholder_dates
    ]


def ensure_calendar(connection: Connection, settings: Settings) -> None:
    """Fill dqm.calendar for the contract, in the caller's transaction, unless it is up to date.

    Safe to run concurrently. Raises BadInput for an invalid format or invalid years.
    """
    crypto = settings.crypto
    spellings = _spellings(crypto.date_format)
    _check_years(crypto)
    contract = {
        "date_format": crypto.date_format,
        "first_year": crypto.first_year,
        "last_year": crypto.last_year,
        "placeholder_dates": sorted(set(crypto.placeholder_dates)),
    }
    if _is_current(connection, contract):
        return
    wait_for_lock(connection, "calendar")
    if _is_current(connection, contract):
        return
    # First, because a caller with an older snapshot fails here with a retryable error.
    execute(connection, "crypto_events/calendar/remember_contract.sql", contract)
    execute(connection, "crypto_events/calendar/empty.sql")
    execute(
        connection,
        "crypto_events/calendar/fill.sql",
        {
            **contract,
            "spellings": [spelling.postgres for spelling in spellings],
            "last_days": [spelling.last_day for spelling in spellings],
            "last_months": [spelling.last_month for spelling in spellings],
        },
    )
    execute(connection, "crypto_events/calendar/analyze.sql")


def _is_current(connection: Connection, contract: Parameters) -> bool:
    row = fetch_one(connection, "crypto_events/calendar/is_current.sql", contract)
    return bool(row["is_current"])


@cache
def _spellings(date_format: str) -> list[_Spelling]:
    match = _FORMAT.fullmatch(date_format)
    parts = [match[1], match[3], match[4]] if match else []
    if match is None or sorted(part[0] for part in parts) != ["D", "M", "Y"]:
        raise BadInput(
            f"KPI_CRYPTO__DATE_FORMAT is {date_format!r}, but it must be made of D or DD, M or MM, "
            "and YYYY, each once, with the same separator (/ - . or a space) between them, "
            "for example D/M/YYYY."
        )
    return [
        _Spelling(
            python=match[2].join(part.python for part in choice),
            postgres=match[2].join(part.postgres for part in choice),
            last_day=min(part.last_day for part in choice),
            last_month=min(part.last_month for part in choice),
        )
        for choice in product(*(_SPELLINGS[part] for part in parts))
    ]


def _check_years(crypto: CryptoSettings) -> None:
    if crypto.first_year > crypto.last_year:
        raise BadInput(
            f"KPI_CRYPTO__FIRST_YEAR is {crypto.first_year}, but it must not be after "
            f"KPI_CRYPTO__LAST_YEAR, which is {crypto.last_year}."
        )
