"""Raw rows for hypothesis: good cells, cells that are nearly good, and any text at all."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.crypto_events.oracle.contract_oracle import CRYPTOS, SITES, RawRow
from tests.crypto_events.oracle.near_misses import (
    NEAR_MISSES,
    SURPRISES,
    WRONG_AROUND,
    wrong_numbers,
)
from tests.crypto_rows import AS_OF

FIRST_DAY = AS_OF - timedelta(days=4)

# What PostgreSQL stores: everything but NUL and lone surrogates.
any_text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)

surprises = st.one_of(any_text, st.sampled_from(SURPRISES))


def cells(good: st.SearchStrategy[str], near: list[str]) -> st.SearchStrategy[str | None]:
    """Mostly good cells, maybe with something around them; often near misses; rarely anything."""
    around = st.sampled_from(["", "", "", " ", "\t", "\u00a0", " \t\u00a0"])
    wrong_around = st.sampled_from(WRONG_AROUND)
    padded = st.builds("{}{}{}".format, around, good, around)
    broken = st.builds("{}{}{}".format, st.one_of(around, wrong_around), good, wrong_around)
    choices = [*[padded] * 12, st.sampled_from(near), broken, surprises]
    return st.integers(0, len(choices) - 1).flatmap(choices.__getitem__)


site_ids = cells(
    st.sampled_from(SITES),
    NEAR_MISSES["site_id"],
)
crypto_types = cells(
    st.sampled_from(CRYPTOS),
    NEAR_MISSES["crypto_type"],
)
user_ids = cells(
    st.one_of(
        st.sampled_from(["1", "2", "3", "007", "9223372036854775807", "0" * 199 + "1"]),
        st.integers(1, 2**63 - 1).map(str),
    ),
    NEAR_MISSES["user_id"],
)
purchase_dates = cells(
    st.one_of(
        st.integers(0, 4).map(lambda n: FIRST_DAY + timedelta(days=n)),
        st.integers(-2, 8).map(lambda n: FIRST_DAY + timedelta(days=n)),
    ).flatmap(
        lambda day: st.sampled_from(
            [f"{day.day}/{day.month}/{day.year}", f"{day:%d/%m/%Y}", f"{day.day}/{day:%m/%Y}"]
        )
    ),
    NEAR_MISSES["purchase_date"],
)


def numbers(digits: int) -> st.SearchStrategy[str | None]:
    """Cells of a price or of units that may have so many digits before the point."""
    return cells(
        st.one_of(
            st.sampled_from(["1", "1.0", "01.00", "20000", "0." + "0" * 40 + "1", "9" * digits]),
            st.sampled_from(["9" * digits + "." + "9" * 50, "1." + "3" * 198, "0" * 199 + "7"]),
            st.decimals("0.00000001", 10**digits - 1, places=8).map(str),
        ),
        wrong_numbers(digits),
    )


def arrivals(zone: ZoneInfo) -> st.SearchStrategy[datetime]:
    """Moments in and around the window, most of all around its bounds."""
    bounds = [
        datetime(day.year, day.month, day.day, tzinfo=zone)
        for day in (FIRST_DAY, AS_OF, AS_OF + timedelta(days=1))
    ]
    steps = [timedelta(0), timedelta(microseconds=-1), timedelta(hours=1), timedelta(days=-1)]
    return st.one_of(
        st.just(datetime(2025, 3, 9, 12, tzinfo=UTC)),
        st.builds(
            lambda bound, step: bound + step, st.sampled_from(bounds), st.sampled_from(steps)
        ),
        st.datetimes(datetime(2025, 3, 1), datetime(2025, 3, 16), timezones=st.just(UTC)),
    )


def raw_rows(zone: ZoneInfo) -> st.SearchStrategy[list[RawRow]]:
    """Lists of rows, some of which arrive again as they are or with other units."""
    row = st.builds(
        RawRow,
        site_ids,
        user_ids,
        purchase_dates,
        crypto_types,
        numbers(14),
        numbers(10),
        arrivals(zone),
        st.integers(0, 19).map(lambda n: n == 0),
    )
    few = st.builds(
        RawRow,
        st.sampled_from(["BRASIL", "BRASIL ", "MEXICO"]),
        st.sampled_from(["1", "01"]),
        st.sampled_from(["8/3/2025", "08/03/2025", "9/3/2025"]),
        st.sampled_from(["ETH", "ETH", "BTC"]),
        st.sampled_from(["3", "3.0", "4"]),
        st.sampled_from(["1", "2"]),
        arrivals(zone),
        st.integers(0, 19).map(lambda n: n == 0),
        st.sampled_from(["monday.csv", "tuesday.csv"]),
        st.sampled_from([None, None, 1, 2]),
    )
    return st.lists(st.one_of(row, row, few), max_size=25)
