"""What a producer's file writes itself, constants and meanings, held against the contract."""

from collections.abc import Iterator, Mapping

from flows.contracts.contract import Column, Table
from flows.contracts.errors import BadContract
from flows.contracts.producers.producer import Producer
from flows.contracts.producers.read import line_of
from flows.errors import a_few


def what_no_row_passes_with(
    producer: Producer, table: Table, known: Mapping[str, tuple[str, ...]]
) -> Iterator[BadContract]:
    """Yield a sentence for each value by which no row could pass the table's rules.

    `known` has, by column, values that settings allow in place of the contract's.
    """
    written = [("constants", name, value) for name, value in producer.constants.items()]
    for name, meanings in producer.values.items():
        written += [("values", name, meant) for meant in meanings.values() if meant]
    for entry, name, value in written:
        problem = _problem(table.column(name), value, known.get(name))
        if problem:
            line = line_of(producer, entry, name)
            yield BadContract(producer.path, line, f"{name} is {value!r} here, {problem}.")


def _problem(column: Column, value: str, known: tuple[str, ...] | None) -> str | None:
    closed = [rule for rule in column.rules if rule.kind == "enum" and rule.severity == "error"]
    for rule in closed:
        values = known or rule.arguments["validValues"]
        if value not in values:
            return f"which the contract does not know (only {a_few(list(values), 20)})"
    if column.logical_type in ("integer", "number") and not _is_number(value):
        return "which is no number"
    return None


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
