"""Check the header of a CSV file that came from elsewhere."""

from collections import Counter
from collections.abc import Sequence

from flows.errors import BadInput, a_few
from flows.values import value

_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def check_header(
    header: Sequence[str], name: str, columns: Sequence[str], *, only: bool = True
) -> list[str]:
    """Return the columns of `header` beyond `columns`; all of `columns` are required, in any order.

    Raises BadInput, naming the file, when a column is missing or repeated, when there are extra
    columns and `only` forbids them, or when the delimiter is not a comma.
    """
    expected = f"expected {'exactly ' if only else ''}{','.join(columns)}, in any order"
    for delimiter, called in _DELIMITERS.items():
        if len(header) == 1 and delimiter in header[0]:
            raise BadInput(
                f"{name}, line 1: the columns are separated by {called} instead of commas; "
                f"{expected}."
            )
    others = [column for column in header if column not in columns]
    missing = [column for column in columns if column not in header]
    problems = [
        f"{problem} {a_few(list(map(repr, which)))}"
        for problem, which in (
            ("lacks", missing),
            ("has the unknown", others if only else []),
            ("repeats", [column for column, times in Counter(header).items() if times > 1]),
        )
        if which
    ]
    if problems and len(missing) == len(columns):
        # It may be no header at all, but a row.
        others_say = "".join(f" and {problem}" for problem in problems[1:])
        raise BadInput(f"{name}, line 1: the header {problems[0]}{value(others_say)}; {expected}.")
    if problems:
        raise BadInput(f"{name}, line 1: the header {' and '.join(problems)}; {expected}.")
    return others
