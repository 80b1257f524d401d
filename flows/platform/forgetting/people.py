"""Which person a cell means, and which cells mean somebody who is looked for."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

# The only number of a cell: so a user is found in a cell that broke the contract, too.
_ONLY_NUMBER = re.compile(r"(?:[^0-9]*[^-0-9])?(-?)0*([0-9]+)(?:\.0+)?[^0-9]*")

Hash = Callable[[str], str]


def person_of(cell: str) -> str | None:
    """Return the user id that a cell means, as a whole number without zeros before it.

    None for a cell without a number, or with several.
    """
    if cell.isascii() and cell.isdigit():
        return cell.lstrip("0") or "0"
    found = _ONLY_NUMBER.fullmatch(cell)
    return f"{found[1]}{found[2]}" if found else None


class People:
    """People who are looked for: one, by the id, or those whose hashes are known."""

    def __init__(
        self, person: str | None = None, *, hashes: Iterable[str] = (), by: Hash = str
    ) -> None:
        self._person = person
        self._hashes = frozenset(hashes)
        # A file names each of its users many times.
        self._hash = lru_cache(maxsize=2**16)(by)

    def __bool__(self) -> bool:
        return self._person is not None or bool(self._hashes)

    def has(self, cell: str | None) -> bool:
        """Return whether the cell means one of them."""
        person = None if cell is None else person_of(cell)
        if person is None:
            return False
        if self._person is not None:
            return person == self._person
        return self._hash(person) in self._hashes

    def among(self, cells: Iterable[str | None]) -> list[str]:
        """Return those of the cells that mean one of them."""
        return [cell for cell in cells if cell is not None and self.has(cell)]
