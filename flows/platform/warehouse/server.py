"""What the warehouse's server must be, checked before anything is done with it."""

from dataclasses import dataclass
from datetime import datetime

from flows.errors import KpiError
from flows.platform.warehouse.connection import Connection, fetch_one
from flows.platform.warehouse.errors import BEHIND_POOLER, TOO_OLD

OLDEST_VERSION = 15


@dataclass(frozen=True)
class Server:
    """A server that is new enough, stores every character and keeps what a connection sets."""

    version: int
    database: str
    role: str
    read_only: bool
    standby: bool
    now: datetime


def check_server(connection: Connection) -> Server:
    """Describe the server with one query; raise KpiError when it is none for a warehouse."""
    found = fetch_one(connection, "platform/warehouse/describe_server.sql")
    if found["version"] < OLDEST_VERSION:
        raise KpiError(TOO_OLD.format(version=found["version"]))
    if not found.pop("has_our_settings"):
        raise KpiError(BEHIND_POOLER)
    encoding = found.pop("encoding")
    if encoding != "UTF8":
        raise KpiError(
            f"The database {found['database']} stores text as {encoding}, which lacks most "
            "characters. Create it with ENCODING 'UTF8', or let KPI_DATABASE_URL name one that is."
        )
    return Server(**found)


def check_writable(server: Server) -> None:
    """Raise KpiError when nothing can be written there."""
    if server.standby:
        raise KpiError(
            "The warehouse is a standby, which only reads. "
            "Let KPI_DATABASE_URL name the primary server."
        )
    if server.read_only:
        raise KpiError(
            f"The database {server.database} is read only for {server.role} "
            "(default_transaction_read_only). Let KPI_DATABASE_URL name a role that may write."
        )
