"""Whose a delivered row is, also where its cells slipped into other columns."""

from collections.abc import Sequence

from flows.platform.forgetting.people import People, person_of
from flows.settings.crypto_events import CryptoSettings

# A number in one of these breaks the contract. In all others it is a price or an amount.
SLIPS_INTO = ("site_id", "purchase_date", "crypto_type")


class Whose:
    """Tells rows of some people, by the columns that rows are delivered with."""

    def __init__(self, people: People, columns: Sequence[str], crypto: CryptoSettings) -> None:
        self._people = people
        self._crypto = crypto
        self._user = columns.index("user_id")
        self._others = [columns.index(name) for name in SLIPS_INTO]

    def is_theirs(self, row: Sequence[str]) -> bool:
        """Return whether `user_id` means one of them or, where it means nobody, another cell."""
        user = row[self._user]
        if self._people.has(user):
            return True
        if person_of(user) is not None:
            return False
        return bool(among_slipped(self._people, [row[at] for at in self._others], self._crypto))


def among_slipped(people: People, cells: Sequence[str | None], crypto: CryptoSettings) -> list[str]:
    """Return those cells of other columns that mean one of them; a name that is known does not."""
    known = {*crypto.sites, *crypto.crypto_types}
    return [cell for cell in people.among(cells) if cell.strip() not in known]
