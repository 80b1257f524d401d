"""Check the header of a CSV file that came from elsewhere."""

from collections import Counter
from collections.abc import Sequence

from flows.errors import BadInput, a_few

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
    problems = [
        f"{problem} {a_few(list(map(repr, which)))}"
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
