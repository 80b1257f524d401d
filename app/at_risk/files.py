"""The users to contact as files: a list with reasons, and an audience of ids alone."""

import csv
import io
from typing import Any

_COLUMNS = (*("user_id", "churn_probability", "active", "spent_90d", "segment", "city", "reasons"),)
# What a spreadsheet would run as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_list(users: list[dict[str, Any]], words: dict[str, str]) -> str:
    """Return CSV with a row per user; `words` are the reasons' names for people."""
    return _csv(
        _COLUMNS,
        [
            [
                user["user_id"],
                user["probability"],
                "" if user["active"] is None else int(user["active"]),
                user["spent_90d"],
                _text(user["segment"]),
                _text(user["city"]),
                "; ".join(words.get(name, name) for name in user["reasons"] or []),
            ]
            for user in users
        ],
    )


def as_audience(users: list[dict[str, Any]]) -> str:
    """Return CSV with the users' ids, in the order in which to contact them."""
    return _csv(("user_id",), [[user["user_id"]] for user in users])


def _csv(header: tuple[str, ...], lines: list[list[Any]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerows([header, *lines])
    return file.getvalue()


def _text(cell: str | None) -> str:
    return f"'{cell}" if cell and cell.startswith(_FORMULA) else cell or ""
