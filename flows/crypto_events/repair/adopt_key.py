"""Give the published table the key of the contract, and lose no row of it."""

from dataclasses import dataclass
from datetime import date

from flows.crypto_events.key import Key, all_of, columns
from flows.crypto_events.stage_lock import lock_stage
from flows.crypto_events.staging.published_key import published_key
from flows.errors import KpiError
from flows.platform.warehouse.connection import Connection, execute, fetch_one, transaction
from flows.settings import Settings

_STEPS = "crypto_events/repair/key"


@dataclass(frozen=True)
class AdoptedKey:
    """The key that the published table had and has, and its days, which are to be run again.

    Rows that share the new key were `set_aside` but for one each; rows that an earlier key had set
    aside, and this one tells apart, came `back`.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    set_aside: int
    back: int
    first_day: date | None
    last_day: date | None

    @property
    def changed(self) -> bool:
        """Whether the table had another key."""
        return set(self.before) != set(self.after)


def adopt_key(settings: Settings) -> AdoptedKey:
    """Give prod.bt_crypto_events the contract's key in one transaction, without readers.

    A run that has staged its window has to begin again. Raises PipelineBusy when one is staging or
    publishing, KpiError when a row would be lost.
    """
    key = Key.of(settings.crypto)
    with transaction(settings, "adopt-key") as connection:
        lock_stage(connection)
        before = published_key(connection)
        aside = back = 0
        if set(before) != set(key.columns):
            aside, back = _change(connection, key)
        days = fetch_one(connection, f"{_STEPS}/count.sql")
    return AdoptedKey(
        tuple(before),
        tuple(key.ordered),
        aside,
        back,
        days["first_day"],
        days["last_day"],
    )


def _change(connection: Connection, key: Key) -> tuple[int, int]:
    # What was staged by the other key is not published.
    execute(connection, "crypto_events/staging/empty_window.sql")
    execute(connection, f"{_STEPS}/drop.sql")
    rows = _every_row(connection)
    parts = {"key": columns(key.ordered)}
    aside = execute(connection, f"{_STEPS}/set_aside.sql", None, **parts).rowcount
    same = all_of("event.{0} = aside.{0}", key.ordered)
    back = execute(connection, f"{_STEPS}/take_back.sql", None, same_key=same, **parts).rowcount
    execute(connection, f"{_STEPS}/add.sql", None, **parts)
    if (found := _every_row(connection)) != rows:
        raise KpiError(
            f"{rows:,} rows were published or set aside, and {found:,} would be: one was lost. "
            "Nothing was changed; please report this."
        )
    return aside, back


def _every_row(connection: Connection) -> int:
    counts = fetch_one(connection, f"{_STEPS}/count.sql")
    return int(counts["published_rows"] + counts["rows_aside"])
