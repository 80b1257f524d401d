"""The contract's rules about a delivery as a whole: which days of a run's window break them.

A rule is SQL over the rows by day that the build counted (staging.bt_crypto_events_delivered). The
suite runs it, and so does whoever asks for the days. Which rows are judged how follows from none of
these rules, so another limit judges no row anew.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from psycopg import sql

from flows.contracts import contract as contracts
from flows.contracts import delivery_rules as declared
from flows.contracts.errors import BadContract
from flows.crypto_events.contract import GENERATOR, table_of
from flows.crypto_events.run import WindowRun
from flows.errors import count_of
from flows.settings.contracted import CRYPTO_EVENTS, contract_at
from flows.settings.crypto_events import CryptoSettings
from flows.sql_files import read_sql

_FOLDER = "crypto_events/validation/delivery"
_ELEMENT = f"{CRYPTO_EVENTS}.purchase_date"


@dataclass(frozen=True)
class MissingCells:
    """When a column is missing: `cell` is SQL about a judged row, true where it is.

    `too_many` is SQL about the counts `missing` and `rows` of a day. `may_be_published` says
    whether good rows can have such a cell.
    """

    cell: sql.Composed
    too_many: sql.Composed
    may_be_published: bool


@dataclass(frozen=True)
class DeliveryRule:
    """One condition that each day of a delivery must satisfy.

    `days` is the SQL of the days that break it in a run's window; `tells` makes a sentence of such
    a day's row. `missing` is set for a share of missing values. `open_days` are the last days of a
    window that are not asked about.
    """

    id: str
    column: str | None
    description: str
    severity: contracts.Severity
    line: int
    days: Callable[[WindowRun], sql.Composed]
    tells: Callable[[Mapping[str, Any]], str]
    open_days: int = 0
    missing: MissingCells | None = None

    def sentence(self, days: Sequence[Mapping[str, Any]]) -> str:
        """Return what is wrong with the first of the days, and how many more there are."""
        more = f", and {count_of(len(days) - 1, 'day')} more" if len(days) > 1 else ""
        return f"{self.tells(days[0])}{more}"


def delivery_rules(crypto: CryptoSettings) -> list[DeliveryRule]:
    """Return the rules about the delivery, in the order of the file.

    Raises BadContract for a contract whose rules do not fit the table.
    """
    table = table_of(crypto)
    contract = contract_at(crypto.contract)
    _check_row_count(contract)
    return [
        *(
            _OF_TABLES[rule.kind](contract, rule)
            for rule in table.rules
            if rule.kind in declared.OF_TABLES
        ),
        *(
            _missing_share(contract.path, rule, column)
            for column in table.columns
            for rule in column.rules
            if rule.kind in declared.KINDS
        ),
    ]


def _check_row_count(contract: contracts.Contract) -> None:
    """Refuse a promise that nothing would keep."""
    level = contract.service_level("rowCount")
    if level is not None and (type(level.value) is not int or level.value != 1):
        raise BadContract(
            contract.path,
            level.line,
            "rowCount of a window is 1, without which a run is refused; how many rows a day has, "
            "the rules usualRows and rowCount know.",
        )


def last_closed_day(crypto: CryptoSettings, run: WindowRun) -> date:
    """Return the last day of the run's window that is not delivered any more."""
    return run.as_of - timedelta(
        max((rule.open_days for rule in delivery_rules(crypto)), default=0)
    )


def _usual_rows(_: contracts.Contract, rule: contracts.Rule) -> DeliveryRule:
    percent, before = rule.arguments["percent"], rule.arguments["ofDaysBefore"]
    open_days = rule.arguments.get("openDays", 0)

    def days(run: WindowRun) -> sql.Composed:
        return _sql(
            "few_rows",
            window_start=run.window_start,
            last_closed_day=run.as_of - timedelta(open_days),
            of_days_before=before,
            known_days=rule.arguments["knownDays"],
            percent=Decimal(str(percent)),
            generator=GENERATOR,
        )

    return DeliveryRule(
        id=rule.id,
        column=None,
        description=rule.description
        or f"a day has at least {percent} % of the rows of the {before} days before it",
        severity=rule.severity,
        line=rule.line,
        days=days,
        tells=lambda day: (
            f"{day['day']} has {count_of(day['rows'], 'row')}, less than {percent} % of the "
            f"{day['usual_rows']:,} of {count_of(day['known_days'], 'day')} before"
        ),
        open_days=open_days,
    )


def _newest_day(contract: contracts.Contract, rule: contracts.Rule) -> DeliveryRule:
    level = contract.service_level("latency", _ELEMENT)
    if level is None:
        raise BadContract(
            contract.path,
            rule.line,
            f"the rule {rule.id} (newestDay) needs the service level latency, whose element is "
            f"{_ELEMENT}.",
        )
    most = level.value
    if level.unit not in ("d", "day", "days") or type(most) is not int or most < 0:
        raise BadContract(
            contract.path, level.line, "latency is a whole number of days, with a unit of d."
        )
    return DeliveryRule(
        id=rule.id,
        column=None,
        description=rule.description
        or f"the newest day that was delivered is at most {count_of(most, 'day')} old",
        severity=rule.severity,
        line=rule.line,
        days=lambda run: _sql("newest_day", as_of=run.as_of, most_days=most),
        tells=lambda day: (
            f"the newest day that was delivered is {day['day']}, "
            f"{count_of(day['days_old'], 'day')} before the last of the window, and may be {most:,}"
        ),
    )


def _row_count(_: contracts.Contract, rule: contracts.Rule) -> DeliveryRule:
    least, most = declared.least_and_most(rule.arguments)
    open_days = rule.arguments.get("openDays", 0)
    says = declared.rows_in_words(rule.arguments)
    return DeliveryRule(
        id=rule.id,
        column=None,
        description=rule.description or f"a day has {says}",
        severity=rule.severity,
        line=rule.line,
        days=lambda run: _sql(
            "row_count",
            window_start=run.window_start,
            last_closed_day=run.as_of - timedelta(open_days),
            least=least,
            most=most,
        ),
        tells=lambda day: f"{day['day']} has {count_of(day['rows'], 'row')}, and a day has {says}",
        open_days=open_days,
    )


_OF_TABLES: dict[str, Callable[[contracts.Contract, contracts.Rule], DeliveryRule]] = {
    "usualRows": _usual_rows,
    "newestDay": _newest_day,
    "rowCount": _row_count,
}


def _missing_share(path: Path, rule: contracts.Rule, column: contracts.Column) -> DeliveryRule:
    if rule.kind in declared.OF_TABLES or column.logic is not None:
        what = "the whole table" if rule.kind in declared.OF_TABLES else "what is delivered"
        raise BadContract(
            path, rule.line, f"the rule {rule.id} ({rule.kind}) is about {what}, not {column.name}."
        )
    limit, strict = declared.share_limit(rule.arguments)
    too_many = sql.SQL("missing * 100 >= rows * {}" if strict else "missing * 100 > rows * {}")
    says = declared.share_in_words(rule.arguments)
    words = [word for word in rule.arguments.get("missingValues", ()) if word]
    is_text = column.logical_type == "string"
    cell = sql.Identifier(column.name if is_text else f"unreadable_{column.name}")
    nothing = sql.SQL("{} IS NULL" if is_text else "{} = ''").format(cell)
    one_of = sql.SQL("{} = ANY({}::text[])").format(cell, sql.Literal(words))
    rule_id = sql.Literal(rule.id)
    exceeds = too_many.format(sql.Literal(Decimal(str(limit))))
    return DeliveryRule(
        id=rule.id,
        column=column.name,
        description=rule.description or f"{column.name} is missing in {says} of a day's rows",
        severity=rule.severity,
        line=rule.line,
        days=lambda _: sql.SQL(read_sql(f"{_FOLDER}/missing_share.sql")).format(
            rule=rule_id, too_many=exceeds
        ),
        tells=lambda day: (
            f"{column.name} is missing in {day['missing']:,} of {count_of(day['rows'], 'row')} of "
            f"{day['day']}, and may be in {says}"
        ),
        missing=MissingCells(
            cell=sql.SQL("({} OR {})").format(nothing, one_of) if words else nothing,
            too_many=exceeds,
            may_be_published=is_text and bool(words),
        ),
    )


def _sql(name: str, **values: object) -> sql.Composed:
    literals = {key: sql.Literal(value) for key, value in values.items()}
    return sql.SQL(read_sql(f"{_FOLDER}/{name}.sql")).format(**literals)
