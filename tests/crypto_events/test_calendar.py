"""The calendar: each text that is a date in the contract's format, and nothing else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from flows.crypto_events.calendar import date_forms, ensure_calendar
from flows.errors import BadInput
from flows.platform.warehouse.connection import Connection, transaction
from flows.settings import Settings

FIRST_YEAR, LAST_YEAR = 2023, 2025


@pytest.fixture(scope="session")
def template(migrated: str) -> str:
    """One whose calendar nobody filled."""
    return migrated


def _fill(settings: Settings) -> None:
    with transaction(settings, "test") as connection:
        ensure_calendar(connection, settings)


def _calendar(db: Connection) -> dict[str, date]:
    return {row["form"]: row["day"] for row in db.execute("SELECT form, day FROM dqm.calendar")}


def _transaction_ids(db: Connection) -> set[int]:
    return {row["xmin"] for row in db.execute("SELECT DISTINCT xmin::text FROM dqm.calendar")}


def test_a_day_has_forms_with_and_without_leading_zeros() -> None:
    forms = date_forms("D/M/YYYY", date(2025, 3, 1))
    assert sorted(forms) == ["01/03/2025", "01/3/2025", "1/03/2025", "1/3/2025"]
    assert date_forms("D/M/YYYY", date(2025, 12, 31)) == ["31/12/2025"]
    assert date_forms("YYYY-MM-DD", date(2025, 3, 1)) == ["2025-03-01"]
    assert sorted(date_forms("M.DD.YYYY", date(987, 3, 1))) == ["03.01.0987", "3.01.0987"]
    assert sorted(date_forms("DD M YYYY", date(2025, 3, 1))) == ["01 03 2025", "01 3 2025"]


@pytest.mark.parametrize(
    "date_format", ["D/M/YYYY", "DD/MM/YYYY", "YYYY-M-DD", "M.D.YYYY", "DD M YYYY"]
)
def test_the_table_holds_exactly_the_forms_of_every_day(
    make_settings: Callable[..., Settings], db: Connection, date_format: str
) -> None:
    settings = make_settings(date_format=date_format, first_year=FIRST_YEAR, last_year=LAST_YEAR)
    _fill(settings)
    first, after = date(FIRST_YEAR, 1, 1), date(LAST_YEAR + 1, 1, 1)
    days = [first + timedelta(days=n) for n in range((after - first).days)]
    assert _calendar(db) == {form: day for day in days for form in date_forms(date_format, day)}


def test_the_whole_default_contract_is_there(settings: Settings, db: Connection) -> None:
    _fill(settings)
    calendar = _calendar(db)
    assert calendar["29/2/2012"] == date(2012, 2, 29)
    assert "29/2/2100" not in calendar
    assert (min(calendar.values()), max(calendar.values())) == (
        date(2009, 1, 1),
        date(2199, 12, 31),
    )


def test_a_placeholder_is_no_day_whatever_the_years_are(
    make_settings: Callable[..., Settings], db: Connection
) -> None:
    years = {"first_year": 1969, "last_year": 1970}
    _fill(make_settings(**years))
    calendar = _calendar(db)
    assert "2/1/1970" in calendar
    assert {"1/1/1970", "01/01/1970", "31/12/1969"}.isdisjoint(calendar)

    _fill(make_settings(**years, placeholder_dates=["1970-01-02"]))
    calendar = _calendar(db)
    assert "1/1/1970" in calendar
    assert "2/1/1970" not in calendar


def test_the_table_follows_the_contract_and_is_kept_while_it_is_the_same(
    make_settings: Callable[..., Settings], db: Connection
) -> None:
    one_year = {"first_year": 2024, "last_year": 2024}
    _fill(make_settings(**one_year))
    filled_by = _transaction_ids(db)
    _fill(make_settings(**one_year))
    assert _transaction_ids(db) == filled_by

    _fill(make_settings(**one_year, date_format="YYYY-MM-DD"))
    assert len(_calendar(db)) == 366
    assert _calendar(db)["2024-02-29"] == date(2024, 2, 29)

    _fill(make_settings(first_year=2024, last_year=2025, date_format="YYYY-MM-DD"))
    assert _calendar(db)["2025-12-31"] == date(2025, 12, 31)


def test_an_emptied_table_is_filled_again(
    make_settings: Callable[..., Settings], db: Connection
) -> None:
    settings = make_settings(first_year=2024, last_year=2024)
    _fill(settings)
    db.execute("TRUNCATE dqm.calendar")
    _fill(settings)
    assert "29/2/2024" in _calendar(db)


def test_several_at_once_fill_it_once(
    make_settings: Callable[..., Settings], db: Connection
) -> None:
    settings = make_settings(first_year=2024, last_year=2024)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(_fill, [settings] * 4))
    assert len(_transaction_ids(db)) == 1


@pytest.mark.parametrize(
    "date_format",
    ["", "D/M", "D/M/YY", "D/M-YYYY", "DMYYYY", "D/D/YYYY", "DDD/M/YYYY", "d/m/yyyy", "D/M/YYYY\n"],
)
def test_a_wrong_format_is_refused_with_the_settings_name(date_format: str) -> None:
    with pytest.raises(BadInput, match=r"^KPI_CRYPTO__DATE_FORMAT is .* for example D/M/YYYY\.$"):
        date_forms(date_format, date(2025, 3, 1))


def test_years_in_the_wrong_order_are_refused(make_settings: Callable[..., Settings]) -> None:
    with pytest.raises(BadInput, match=r"KPI_CRYPTO__FIRST_YEAR is 2025.*LAST_YEAR, which is 2024"):
        _fill(make_settings(first_year=2025, last_year=2024))
