"""Rules about a delivery as a whole: what an entry says, and which of two entries asks for more.

`usualRows` compares the rows of a day with those of the days before, `rowCount` with numbers,
`newestDay` looks at the service level `latency`, and `missingShare` is the standard's `nullValues`
or `missingValues` as a percentage.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.contracts.errors import BadContract

COUNTS = (
    *("mustBe", "mustBeBetween", "mustBeGreaterThan", "mustBeGreaterOrEqualTo"),
    *("mustBeLessThan", "mustBeLessOrEqualTo"),
)
# Each rule by its name, with the arguments that it must and may have.
KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "usualRows": (("percent", "ofDaysBefore", "knownDays"), ("openDays",)),
    "newestDay": ((), ()),
    "rowCount": ((), (*COUNTS, "openDays")),
    "missingShare": ((), ("mustBeLessThan", "mustBeLessOrEqualTo", "missingValues")),
}
OF_TABLES = ("usualRows", "newestDay", "rowCount")
_LIMITS = ("mustBeLessThan", "mustBeLessOrEqualTo")
_MOST_DAYS = 366
_ALL = 100  # percent
_LEAST = 0.000001  # below which "less than" would be never


def is_share(entry: Mapping[str, Any]) -> bool:
    """Return whether an entry of `nullValues` or `missingValues` is about a share of the rows.

    `nullValues` that must be 0 is about each row.
    """
    return entry.get("metric") == "missingValues" or _limits(entry) not in ({}, {"mustBe": 0})


def share_arguments(path: Path, line: int, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `missingShare` that such an entry has. Raises BadContract."""
    limits = _limits(entry)
    if limits == {"mustBe": 0}:
        limits = {"mustBeLessOrEqualTo": 0}
    elif entry.get("unit") != "percent" or not set(limits) <= set(_LIMITS):
        raise BadContract(
            path,
            line,
            f"{entry['metric']} is kept as `mustBe: 0`, or as a share of the rows: unit: percent, "
            f"and {' or '.join(_LIMITS)}.",
        )
    return {**limits, **(entry.get("arguments") or {})}


def count_arguments(path: Path, line: int, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `rowCount` that such an entry has. Raises BadContract."""
    if entry.get("unit") not in (None, "rows"):
        raise BadContract(path, line, "rowCount is a number of rows: its unit is rows, if any.")
    return {**_limits(entry), **(entry.get("arguments") or {})}


def least_and_most(given: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Return the fewest rows and the most that arguments of `rowCount` allow; None for no limit."""
    between = given.get("mustBeBetween", (None, None))
    above, below = given.get("mustBeGreaterThan"), given.get("mustBeLessThan")
    least = [given.get("mustBe"), between[0], given.get("mustBeGreaterOrEqualTo")]
    most = [given.get("mustBe"), between[1], given.get("mustBeLessOrEqualTo")]
    least.append(None if above is None else above + 1)
    most.append(None if below is None else below - 1)
    return (
        max((n for n in least if n is not None), default=None),
        min((n for n in most if n is not None), default=None),
    )


def rows_in_words(given: Mapping[str, Any]) -> str:
    """Return what arguments of `rowCount` allow: `at least 5 and at most 9 rows`."""
    words = zip(("at least", "at most"), least_and_most(given), strict=True)
    return f"{' and '.join(f'{word} {n:,}' for word, n in words if n is not None)} rows"


def share_limit(given: Mapping[str, Any]) -> tuple[float, bool]:
    """Return the percentage of `missingShare`, and whether a share has to be less than that."""
    strict = _LIMITS[0] in given
    return given[_LIMITS[0] if strict else _LIMITS[1]], strict


def share_in_words(given: Mapping[str, Any]) -> str:
    """Return what arguments of `missingShare` allow: `less than 5 %`."""
    limit, strict = share_limit(given)
    return f"{'less than' if strict else 'at most'} {limit} %"


def _limits(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name.startswith("must")}


def check_arguments(path: Path, line: int, name: str, kind: str, given: Mapping[str, Any]) -> None:
    """Raise BadContract for arguments of a rule about the delivery that mean nothing."""
    problem = None
    if kind == "usualRows":
        problem = _wrong_days(given)
    elif kind == "missingShare":
        problem = _wrong_share(given)
    elif kind == "rowCount":
        problem = _wrong_count(given)
    if problem:
        raise BadContract(path, line, f"the rule {name} ({kind}) {problem}.")


def _wrong_days(given: Mapping[str, Any]) -> str | None:
    if not _is_number(given["percent"]) or not 0 < given["percent"] <= _ALL:
        return "needs a percent above 0, and up to 100"
    days, known, still_open = (
        given.get(name, 0) for name in ("ofDaysBefore", "knownDays", "openDays")
    )
    if not all(isinstance(n, int) and not isinstance(n, bool) for n in (days, known, still_open)):
        return "counts ofDaysBefore, knownDays and openDays in whole days"
    if not 1 <= known <= days <= _MOST_DAYS:
        return f"needs knownDays of at least 1, and ofDaysBefore from there to {_MOST_DAYS}"
    return None if 0 <= still_open <= _MOST_DAYS else f"has openDays from 0 to {_MOST_DAYS}"


def _wrong_share(given: Mapping[str, Any]) -> str | None:
    limits = [name for name in _LIMITS if name in given]
    if len(limits) != 1:
        return f"needs one of {' and '.join(_LIMITS)}"
    limit, least = given[limits[0]], _LEAST if limits[0] == "mustBeLessThan" else 0
    if not _is_number(limit) or not least <= limit <= _ALL:
        return f"has a {limits[0]} that is no percentage that a day can keep"
    words = given.get("missingValues", [])
    if not isinstance(words, list) or not all(isinstance(w, str) or w is None for w in words):
        return "has missingValues that are no list of texts"
    return None


def _wrong_count(given: Mapping[str, Any]) -> str | None:
    numbers: list[Any] = []
    for name in COUNTS:
        if name not in given:
            continue
        match given[name]:
            case [least, most] if name == "mustBeBetween":
                numbers += [least, most]
            case _ if name == "mustBeBetween":
                return f"has a {name} that is no pair of numbers"
            case list():
                return f"has a {name} that is no number"
            case number:
                numbers.append(number)
    if not numbers:
        return f"needs one of {', '.join(COUNTS)}"
    numbers.append(given.get("openDays", 0))
    if not all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in numbers):
        return "counts rows and openDays in whole numbers"
    least, most = least_and_most(given)
    if (least or 0) > _or_any(most):
        return "can be kept by no day"
    return None if numbers[-1] <= _MOST_DAYS else f"has openDays from 0 to {_MOST_DAYS}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def asks_for_more_and_less(
    kind: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[bool, bool]:
    """Return whether the new arguments refuse what the old ones took, and the other way round."""
    if kind == "usualRows":
        if old["ofDaysBefore"] != new["ofDaysBefore"]:
            return True, True
        pairs = [
            (new["percent"], old["percent"]),
            (old["knownDays"], new["knownDays"]),
            (old.get("openDays", 0), new.get("openDays", 0)),
        ]
    elif kind == "rowCount":
        (least, most), (new_least, new_most) = least_and_most(old), least_and_most(new)
        pairs = [
            (new_least or 0, least or 0),
            (_or_any(most), _or_any(new_most)),
            (old.get("openDays", 0), new.get("openDays", 0)),
        ]
    else:
        words = [set(given.get("missingValues", ())) - {None, ""} for given in (old, new)]
        if not (words[0] <= words[1] or words[1] <= words[0]):
            return True, True
        pairs = [(_limit(old), _limit(new)), (len(words[1]), len(words[0]))]
    return any(a > b for a, b in pairs), any(a < b for a, b in pairs)


def _or_any(most: int | None) -> float:
    return math.inf if most is None else most


def _limit(given: Mapping[str, Any]) -> Any:
    strict = "mustBeLessThan" in given
    return (given[_LIMITS[0] if strict else _LIMITS[1]], not strict)
