"""The published table's key is the contract's, or nothing is staged or published."""

from flows.crypto_events.key import Key
from flows.errors import BadInput
from flows.platform.warehouse.connection import Connection, fetch_one


def published_key(connection: Connection) -> list[str]:
    """Return the columns of the published table's key, in the order of the alphabet."""
    found = fetch_one(connection, "crypto_events/staging/keys/published_key.sql")
    return list(found["columns"] or ())


def check_published_key(connection: Connection, key: Key) -> None:
    """Raise BadInput when the published table has another key than the contract."""
    published = published_key(connection)
    if set(published) != set(key.columns):
        raise BadInput(
            f"The key of prod.bt_crypto_events is {', '.join(published)}, but the contract says "
            f"{', '.join(key.columns)}. Nothing was staged or published; "
            "`kpi contract adopt-key` gives the table the contract's key."
        )
