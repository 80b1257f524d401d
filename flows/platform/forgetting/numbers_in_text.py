"""User ids within text that nobody gave columns: logs, and what people wrote."""

import re

from flows.platform.forgetting.people import People

_PIECES = re.compile(
    # The letter of \n and \t, as JSON writes the ends of lines and cells, is part of no word.
    r"\\(?:u[0-9a-fA-F]{4}|[a-z])"
    # The id of a run.
    r"|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    # 1,234: a word by itself. Beside another cell, or in quotes, these are cells of a row.
    r"|(?<![^\s(\"'])[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![^\s).;:,]|,\S)"
    # Days with their times, times, addresses and versions.
    r"|(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(?![0-9])"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
    r"|(?<![\w:])[0-9]{1,2}:[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]+)?)?(?!:?[0-9])"
    r"|[0-9]{1,4}(?:\.[0-9]{1,4}){2,}(?![0-9])"
    r"|[0-9]*[A-Za-z_]\w*"
    # What is left is a number by itself; 12.0 is 12, as in cells.
    r"|([0-9]+(?:\.[0-9]+)?)",
    re.ASCII,
)
_DIGIT = re.compile("[0-9]")


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
        return _DIGIT.sub("x", number)

    return _PIECES.sub(hide, text), found
