"""The header of a CSV file that somebody else wrote."""

from collections import Counter
from collections.abc import Sequence

from flows.errors import BadInput

_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def check_header(
    header: Sequence[str], name: str, columns: Sequence[str], *, only: bool = True
) -> list[str]:
    """Return the columns of `header` beyond `columns`, which all have to be there, in any order.

    Raises BadInput that names the file, when one is missing or repeated, when there are others
    and `only` those are allowed, or when the cells are separated by something else.
    """
    expected = f"expected {'exactly ' if only else ''}{','.join(columns)}, in any order"
    for delimiter, called in _DELIMITERS.items():
        if len(header) == 1 and delimiter in header[0]:
            raise BadInput(
                f"{name}, line 1: the columns are separated by {called} instead of commas; "
                f"{expected}."
            )
    others = [column for column in header if column not in columns]
    problems = [
        f"{problem} {', '.join(map(repr, which))}"
        for problem, which in (
            ("lacks", [column for column in columns if column not in header]),
            ("has the unknown", others if only else []),
            ("repeats", [column for column, times in Counter(header).items() if times > 1]),
        )
        if which
    ]
    if problems:
        raise BadInput(f"{name}, line 1: the header {' and '.join(problems)}; {expected}.")
    return others
