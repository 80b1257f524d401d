"""Who must not be stored again, for whoever takes a delivery."""

import logging
from collections.abc import Iterable

from flows.errors import KpiError
from flows.platform.forgetting.key import find_key, hash_by, key_id
from flows.platform.forgetting.ledger import (
    Line,
    in_force,
    lines_in_file,
    lines_in_table,
    make_equal,
)
from flows.platform.forgetting.people import People
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings

logger = logging.getLogger(__name__)


def forgotten_people(settings: Settings, connection: Connection | None = None) -> People | None:
    """Return the people of the ledger who are to stay forgotten; None when there are none.

    With a connection, keep it open until the rows are stored. Warns where the table lacks lines of
    the file, as after a restore. Raises KpiError when the ledger was written by a key that is not
    here: nobody could tell who is meant.
    """
    if connection is None:
        return people_of(settings, lines_in_file(settings))
    try:
        missing = make_equal(settings, connection)
    except KpiError as error:
        logger.warning("The ledger of forgotten people in the warehouse alone counts: %s", error)
    else:
        if missing:
            logger.warning(
                "The warehouse is older than %d of the lines of the ledger of forgotten people, as "
                "after a restore: run `kpi forget --again`.",
                len(missing),
            )
    return people_of(settings, lines_in_table(connection))


def people_of(settings: Settings, lines: list[Line]) -> People | None:
    """Return those of the lines who are to stay forgotten; None when there are none."""
    hashes = in_force(lines)
    if not hashes:
        return None
    return People(hashes=hashes, by=hash_by(require_key(settings, hashes.values())))


def require_key(settings: Settings, lines: Iterable[Line]) -> bytes:
    """Return the key that hashed those lines; raise KpiError when it is not here."""
    key = find_key(settings)
    used = {line.key_id for line in lines}
    if key is None or used - {key_id(key)}:
        raise KpiError(
            "People were forgotten, and the key that tells who is "
            f"{'missing' if key is None else 'another one'}: set KPI_FORGET_KEY, or bring back "
            "forgotten/key in the home folder. Until then nothing is stored that may be theirs."
        )
    return key
