"""The contract's columns as a producer's file writes them."""

from dataclasses import dataclass, replace

from flows.churn.sources.contract import Column, DayForm, SourceFile
from flows.churn.sources.rules.one_text import broken_rules
from flows.contracts.errors import BadContract
from flows.contracts.producers.cells import day_in_text
from flows.contracts.producers.producer import Producer
from flows.contracts.producers.read import line_of
from flows.platform.compute.duckdb import duckdb_for_values

_NUMBERS = ("whole number", "number", "amount")


@dataclass(frozen=True)
class Mapped:
    """A column of the contract under the name that the file has for it.

    `meanings`: what some of its cells mean, as the file would write it. `constant`: what each row
    says of a column that the file does not have.
    """

    column: Column
    meanings: dict[str, str]
    constant: str | None = None


def mapped_columns(producer: Producer, file: SourceFile, date_format: str) -> dict[str, Mapped]:
    """Return each column of the contract, by the name that it gets.

    Raises BadContract, with the line of the producer's file, for what cannot be read so.
    """
    mapped = {}
    for column in file.columns:
        if column.becomes in producer.constants:
            constant = producer.constants[column.becomes]
            named = replace(column, name=f"{column.name} (constant)")
            mapped[column.becomes] = Mapped(named, {}, constant)
        else:
            own = _as_written(producer, column)
            mapped[column.becomes] = Mapped(own, _meanings(producer, own))
    _check_constants(producer, list(mapped.values()), date_format)
    return mapped


def _as_written(producer: Producer, column: Column) -> Column:
    form = producer.file
    own = replace(column, name=producer.columns[column.becomes].header.strip())
    if column.type in _NUMBERS:
        return replace(own, decimal_sign=form.decimal_sign, thousands_sign=form.thousands_sign)
    if column.type == "date":
        return replace(own, day_form=_day_form(producer, str(form.date_format)))
    return own


def _day_form(producer: Producer, date_format: str) -> DayForm:
    day = day_in_text(date_format)
    if day is None:
        raise BadContract(
            producer.path,
            line_of(producer, "file", "dateFormat"),
            "of a churn file, nothing but signs may stand between day, month and year.",
        )
    return DayForm(day.strftime, date_format, day.pattern)


def _meanings(producer: Producer, column: Column) -> dict[str, str]:
    """Return what cells mean, so that it is read as the file's other cells are."""
    meant = dict(producer.values.get(column.becomes, {}))
    if column.type == "date" and any(meant.values()):
        raise BadContract(
            producer.path,
            line_of(producer, "values", column.becomes),
            f"a cell of {column.becomes}, a day, can mean nothing else than '' (missing).",
        )
    if column.type in _NUMBERS:
        return {cell: text.replace(".", column.decimal_sign) for cell, text in meant.items()}
    return meant


def _check_constants(producer: Producer, mapped: list[Mapped], date_format: str) -> None:
    said = [(one.column, one.constant) for one in mapped if one.constant is not None]
    if not said:
        return
    with duckdb_for_values() as connection:
        for column, constant in said:
            for rule in broken_rules(connection, column, constant, date_format):
                raise BadContract(
                    producer.path,
                    line_of(producer, "constants", column.becomes),
                    f"{column.becomes} is {rule.sentence} in each row.",
                )
