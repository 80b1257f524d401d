"""SQL about a user's days with a payment: how many there are, and how far apart.

One bit per distinct `days_ago` is many times cheaper than `count(DISTINCT days_ago)` or a list of
them, in DuckDB and in Spark.
"""

_BITS = 62  # of a BIGINT, clear of its sign


def count_of_days(lookback_days: int) -> str:
    """Return SQL for the number of days with a payment."""
    return " + ".join(
        f"coalesce(CAST(bit_count({_days(first)}) AS BIGINT), 0)" for first in _words(lookback_days)
    )


def last_but_one_day(lookback_days: int) -> str:
    """Return SQL for the `days_ago` of the last day with a payment but one; NULL without one."""
    days = []
    for first in _words(lookback_days):
        # A word's first day counts when the user paid later as well, in another word.
        word = f"coalesce({_days(first)}, 0)"
        lowest, second = _lowest(word), _lowest(f"({word} & ({word} - 1))")
        days += [
            f"CASE WHEN {lowest} + {first} > min(days_ago) THEN {lowest} + {first} END",
            f"{second} + {first}",
        ]
    return f"least({', '.join(days)})"


def _words(lookback_days: int) -> range:
    return range(0, lookback_days, _BITS)


def _days(first: int) -> str:
    """SQL for the bits of the `_BITS` days from this one on; NULL without a payment in them."""
    bit = f"shiftleft(CAST(1 AS BIGINT), CAST(days_ago - {first} AS INT))"
    among = f"days_ago >= {first} AND days_ago < {first + _BITS}"
    return f"bit_or(CASE WHEN {among} THEN {bit} END)"


def _lowest(word: str) -> str:
    """SQL for the place of the lowest bit that is set, NULL for 0: the bits below it, counted."""
    return f"CASE WHEN {word} <> 0 THEN CAST(bit_count(({word} & -{word}) - 1) AS BIGINT) END"
