"""The one place that turns what PostgreSQL refuses into a sentence."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from flows.errors import KpiError, causes, first_line

TRANSIENT_STATES = (
    *("08", "25P03", "57P01", "57P02", "57P03", "57P05"),
    *("40001", "40P01", "55P03"),
)
"""Starts of the SQLSTATEs after which a retry may succeed: the connection is gone or was idle for
too long, or another transaction was in the way."""

# By SQLSTATE; `{reason}` is the first line of the server's own words.
_SENTENCES = {
    "25006": "The warehouse only reads here: it is a standby, or its database or role is set to "
    "read only. Let KPI_DATABASE_URL name the primary server and a role that may write.",
    "42501": "The warehouse refuses its user: {reason}. "
    "Let KPI_DATABASE_URL name the role that owns the tables.",
    "53100": "The disk of the warehouse is full: {reason}. Make room there, then run again.",
    "57014": "The warehouse ended a statement that took too long: {reason}. "
    "KPI_STATEMENT_TIMEOUT_SECONDS says how long it may take.",
}
_OTHER = "The warehouse could not do it: {reason}. Try `kpi doctor`."
BEHIND_POOLER = (
    "A connection pooler such as pgbouncer stands before the warehouse and withholds our settings "
    "and locks from it. Let KPI_DATABASE_URL name PostgreSQL's own port instead of the pooler's."
)
TOO_OLD = "The warehouse is PostgreSQL {version}; use 15 to 18."

# libpq tells no SQLSTATE when it cannot connect; these are the server's words, or a pooler's.
_WHEN_CONNECTING = (
    ("unsupported startup parameter", BEHIND_POOLER),
    ("unrecognized configuration parameter", TOO_OLD.format(version="14 or older")),
    (
        'invalid value for parameter "TimeZone": (?P<reason>".*")',
        "The warehouse's PostgreSQL does not know the time zone {reason}. "
        "Set KPI_TIME_ZONE to one that it knows, or upgrade it.",
    ),
    (
        "(?P<reason>(password|SASL) authentication failed.*|no pg_hba.conf entry.*"
        '|role ".*" (does not exist|is not permitted to log in)|permission denied for database.*'
        '|database ".*" (does not exist|is not currently accepting connections)'
        "|no such (user|database).*|no password supplied)",
        "The warehouse does not let us in: {reason}. "
        "Correct the user, password or database in KPI_DATABASE_URL.",
    ),
    (
        "(?P<reason>.*(certificate|server does not support SSL).*)",
        "The warehouse does not prove who it is: {reason}. "
        "Correct sslmode or sslrootcert in KPI_DATABASE_URL, or the server's certificate.",
    ),
)


def refusal(error: BaseException | None) -> KpiError | None:
    """Return the sentence for what trying again does not mend; None for any other error.

    Looks through wrappers (`__cause__`, SQLAlchemy's `orig`).
    """
    for found in causes(error):
        if isinstance(found, psycopg.Error):
            sentence = _sentence(found)
            return KpiError(sentence) if sentence else None
    return None


def _sentence(error: psycopg.Error) -> str | None:
    if error.sqlstate:
        sentence = _SENTENCES.get(error.sqlstate)
        # The server's trouble, not a mistake of ours in a statement.
        if isinstance(error, psycopg.OperationalError):
            if error.sqlstate.startswith(TRANSIENT_STATES):
                return None
            sentence = sentence or _OTHER
        return sentence and sentence.format(reason=first_line(error))
    for pattern, sentence in _WHEN_CONNECTING:
        if found := re.search(pattern, str(error)):
            return sentence.format(**found.groupdict())
    return None


@contextmanager
def warehouse_errors() -> Iterator[None]:
    """Turn what PostgreSQL raises into a KpiError that says what to do."""
    try:
        yield
    except psycopg.Error as error:
        raise refusal(error) or KpiError(
            f"The warehouse does not answer: {first_line(error)}. Check KPI_DATABASE_URL."
        ) from error
