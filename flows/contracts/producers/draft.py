"""Write a guess as a producer's file, in which each guess says that it is one."""

import json
from collections.abc import Iterator

from flows.contracts.producers.infer import Guess

_MOST_VALUES = 20


def draft(guess: Guess, contract: str) -> str:
    """Return the text of a producer's file; `kpi contract test FILE --as` says what it lacks."""
    return "\n".join(_lines(guess, contract)) + "\n"


def _lines(guess: Guess, contract: str) -> Iterator[str]:
    sample = guess.sample
    yield f"# A draft, made from {sample.name}. Look at each guess, and take its mark away."
    yield "kind: Producer"
    yield f"contract: {contract}"
    yield f"table: {guess.table.name}"
    yield "file:"
    yield f"  encoding: {sample.encoding}  # guess"
    yield f"  delimiter: {_text(sample.delimiter)}  # guess"
    yield f"  skipLines: {sample.skip_lines}  # guess"
    yield f"  decimalSign: {_text(guess.signs[0])}  # guess"
    yield f"  thousandsSign: {_text(guess.signs[1])}  # guess"
    yield from _date_format(guess)
    yield "columns:"
    for name, header in guess.columns.items():
        yield f"  {name}: {_text(header)}  # guess"
    if guess.missing:
        yield "# No column of the file is called so: one value for every row, or move it up."
        yield "constants:"
        for name in guess.missing:
            yield f"  {name}:  # fill in: {guess.table.column(name).description}"
    for name, values in guess.foreign.items():
        yield f"# {name} has values that the contract does not know. What do they mean?"
        yield "# values:"
        yield f"#   {name}:"
        for value in values[:_MOST_VALUES]:
            yield f"#     {_text(value)}: ?"
        if len(values) > _MOST_VALUES:
            yield f"#     # and {len(values) - _MOST_VALUES} more"
    if guess.others:
        yield "# Kept beside the row as they arrive; ignore what must not be stored."
        yield f"keep: [{', '.join(map(_text, guess.others))}]  # guess"
    yield "others: refuse"


def _date_format(guess: Guess) -> Iterator[str]:
    if guess.date_format:
        yield f"  dateFormat: {_text(guess.date_format)}  # guess"
    elif any(column.logical_type == "date" for column in guess.table.delivered):
        yield "  dateFormat:  # fill in: such as d/M/yyyy or yyyy-MM-dd HH:mm:ss"


def _text(value: str) -> str:
    # What JSON calls a string, YAML does.
    return json.dumps(value, ensure_ascii=False)
