"""User ids within text that nobody gave columns: logs, and what people wrote."""

import re

from flows.platform.forgetting.people import People

# Only the last kind is a number by itself: the others are 1,234, days, times, decimals, words. The
# letter of \n and \t, as JSON writes the ends of lines and cells, is part of none of these.
_PIECES = re.compile(
    r"\\(?:u[0-9a-fA-F]{4}|[a-z])"
    r"|[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+(?:[.:-][0-9]+)+|[0-9]*[A-Za-z_]\w*|([0-9]+)",
    re.ASCII,
)


def without_people(text: str, people: People) -> tuple[str, int]:
    """Return the text with an x for each digit of their ids, and how many ids those were.

    It stays as long as it was.
    """
    found = 0

    def hide(piece: re.Match[str]) -> str:
        nonlocal found
        number = piece[1]
        if not number:
            return piece[0]
        is_negative = text[max(piece.start() - 1, 0) : piece.start()] == "-"
        if not (people.has(number) or (is_negative and people.has(f"-{number}"))):
            return piece[0]
        found += 1
        return "x" * len(number)

    return _PIECES.sub(hide, text), found
