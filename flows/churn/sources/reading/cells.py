"""SQL that reads a source file's cells by the contract, and the rules that a cell may break."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from flows.churn.sources.contract import Allowed, Column, DayForm
from flows.platform.compute.duckdb import sql_literal

UnknownValues = Literal["missing", "refuse"]

_BLANKS = " \t\u00a0"
_AMOUNT_DIGITS, _AMOUNT_DECIMALS = 14, 4
_TOO_LARGE = {
    "whole number": "beyond 9,223,372,036,854,775,807",
    "number": "beyond 1.8e308",
    "amount": f"with more than {_AMOUNT_DIGITS} digits before the point",
}


@dataclass(frozen=True)
class Rule:
    """A rule for a column's cells; `broken` is SQL over `{cell}` (text) and `{value}` (parsed).

    `declared` is the id of the contract's rule; a column's type and bounds have none.
    """

    sentence: str
    broken: str
    declared: str | None = None


def cell(column: Column, text: str) -> str:
    """Return SQL for a field of the file without blanks around it; NULL when it says nothing.

    Trimming and comparing cost three times as much as reading: few fields need them.
    """
    trimmed = trimmed_text(text)
    read = f"CASE WHEN NOT {is_one_of(f'lower({trimmed})', column.nothing)} THEN {trimmed} END"
    for word in column.fixed_words:
        is_word = f"lower({trimmed}) = {sql_literal(word.lower())}"
        read = f"CASE WHEN {is_word} THEN {sql_literal(word)} ELSE {read} END"
    longest = max(map(len, (*column.nothing, *column.fixed_words)))
    begins_with_digit = f"({text} >= '0' AND {text} < ':')"
    return (
        f"CASE WHEN {text} = '' THEN NULL WHEN ({begins_with_digit} OR strlen({text}) > {longest}) "
        f"AND NOT ({_has_blank(text)}) THEN {text} ELSE {read} END"
    )


def says_something(text: str) -> str:
    """Return SQL that is true for a field that is not blank."""
    # CASE, because both sides of OR would be computed.
    return f"CASE WHEN {text} >= '!' THEN true ELSE {trimmed_text(text)} IS NOT NULL END"


def _has_blank(text: str) -> str:
    ends = [f"suffix({text}, {sql_literal(blank)})" for blank in _BLANKS]
    return " OR ".join([f"{text} < '!'", f"prefix({text}, '\u00a0')", *ends])


def trimmed_text(text: str) -> str:
    """Return SQL for a field without blanks around it; NULL when nothing else is in it."""
    return f"nullif(trim({text}, {sql_literal(_BLANKS)}), '')"


def value(column: Column, date_format: str) -> str:
    """Return SQL that parses `{cell}`, or returns NULL: it never raises."""
    match column.type:
        case "whole number":
            return f"TRY_CAST({_with_a_point(column)} AS BIGINT)"
        case "number":
            # A number that is too large becomes infinite.
            number = f"TRY_CAST({_with_a_point(column)} AS DOUBLE)"
            return f"CASE WHEN isfinite({number}) THEN {number} END"
        case "amount":
            kept = f"DECIMAL({_AMOUNT_DIGITS + _AMOUNT_DECIMALS}, {_AMOUNT_DECIMALS})"
            return f"TRY_CAST({_with_a_point(column)} AS {kept})"
        case "date":
            form = column.day_form or DayForm(date_format, date_format)
            text = "{cell}"
            if form.pattern:
                text = f"regexp_extract({{cell}}, {_literal(f'^(?:{form.pattern})$')}, 1)"
            # DuckDB reads words like "epoch" as 1900-01-01, and 26 as a year.
            day = f"CAST(TRY_STRPTIME({text}, {_literal(form.strftime)}) AS DATE)"
            return (
                f"CASE WHEN {day} > DATE '1900-01-01' AND {day} < DATE '2200-01-01' THEN {day} END"
            )
        case "text":
            if column.allowed:
                allowed = " AND ".join(map(_is_allowed, column.allowed))
                return f"CASE WHEN {allowed} THEN {{cell}} END"
            return "{cell}"


def rules(
    column: Column,
    date_format: str,
    unknown_values: UnknownValues | None,
    *,
    with_decimals: bool = False,
) -> list[Rule]:
    """Return the column's rules, in the order in which they are checked.

    `with_decimals`: the column writes each whole number as `12.0`, as pandas does where a cell of
    the column is empty.
    """
    made = [Rule("missing", "{cell} IS NULL")] if column.required else []
    match column.type:
        case "whole number":
            pattern = whole_with_decimals(column) if with_decimals else _whole(column)
            made += _written_as("whole number", column, pattern)
        case "number" | "amount":
            made += _written_as("number", column, _number(column))
        case "date":
            shown = column.day_form.shown if column.day_form else date_format
            unreadable = "{cell} IS NOT NULL AND {value} IS NULL"
            made.append(Rule(f"no day as {shown}", unreadable))
        case "text":
            pass
    if column.minimum is not None:
        made.append(Rule(f"below {column.minimum}", f"{{value}} < {column.minimum}"))
    if column.maximum is not None:
        made.append(Rule(f"above {column.maximum}", f"{{value}} > {column.maximum}"))
    for allowed in column.allowed:
        if allowed.refuse if unknown_values is None else unknown_values == "refuse":
            made.append(Rule(allowed.broken, f"NOT {_is_allowed(allowed)}", allowed.rule))
    return made


def unknown(column: Column) -> str:
    """Return SQL that is true for a `{cell}` that says what the column's texts may not say."""
    return f"NOT ({' AND '.join(map(_is_allowed, column.allowed))})"


def _is_allowed(rule: Allowed) -> str:
    if rule.values:
        return is_one_of("{cell}", rule.values, _literal)
    return f"regexp_matches({{cell}}, {_literal(rule.pattern)})"


def is_one_of(text: str, words: Iterable[str], literal: Callable[[str], str] = sql_literal) -> str:
    """Return SQL that is true for a text that is one of the words, and NULL for NULL.

    DuckDB would make a join of a long IN, which takes ten times as long.
    """
    return f"list_contains([{', '.join(map(literal, words))}], {text})"


def whole_with_decimals(column: Column) -> str:
    """Return what matches whole numbers that are written as `12.0`."""
    return f"{_whole(column)}{re.escape(column.decimal_sign)}0+"


# DuckDB's own casts also read 1.23E+04, 0x10, 1_2_3, and round what has decimals.
def _whole(column: Column) -> str:
    if not column.thousands_sign:
        return "[+-]?[0-9]+"
    return f"[+-]?([0-9]{{1,3}}({re.escape(column.thousands_sign)}[0-9]{{3}})+|[0-9]+)"


def _number(column: Column) -> str:
    point = re.escape(column.decimal_sign)
    return f"{_whole(column)}({point}[0-9]*)?|[+-]?{point}[0-9]+"


def _with_a_point(column: Column) -> str:
    text = "{cell}"
    if column.thousands_sign:
        text = f"replace({text}, {_literal(column.thousands_sign)}, '')"
    if column.decimal_sign != ".":
        text = f"replace({text}, {_literal(column.decimal_sign)}, '.')"
    return text


def _written_as(what: str, column: Column, pattern: str) -> list[Rule]:
    signs = " ".join(filter(None, (column.thousands_sign, column.decimal_sign)))
    also = f" (its signs are {signs})" if signs != "." else ""
    written = f"regexp_full_match({{cell}}, {_literal(pattern)})"
    # CASE, because both sides of AND would be computed.
    unread = f"CASE WHEN {{cell}} IS NOT NULL AND {{value}} IS NULL THEN {written} ELSE false END"
    return [
        Rule(f"no {what}{also}", f"{{cell}} IS NOT NULL AND NOT {written}"),
        Rule(f"too large, {_TOO_LARGE[column.type]}", unread),
    ]


def _literal(text: str) -> str:
    """Return a literal for a template, in which braces have a meaning."""
    return sql_literal(text).replace("{", "{{").replace("}", "}}")
