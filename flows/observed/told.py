"""What people were told, lapse by lapse, so that nobody tells them the same twice.

A timer looks every few minutes, and a deployment may look as well: what one of them has told, in
this home, the other does not tell again.
"""

import fcntl
import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from flows.observed.checks import Found
from flows.platform.pipeline.notifications import post
from flows.settings import Settings
from flows.settings.webhook import WebhookSettings

logger = logging.getLogger(__name__)

AnySettings = Settings | WebhookSettings

_WELL_AGAIN = "All that was missing has happened: everything is well again."
# As much as a disk hands out at once: what lies in it is written anew on a full one.
_BLOCK = 4096
# What runs at the same time each day begins a little earlier on some.
_ALMOST = 0.99
# Nobody looks for it any more: who did would have told again.
_FORGOTTEN = 2


@dataclass(frozen=True)
class Told:
    """What was missing, when people were last told of each, and when this was written."""

    lapses: dict[str, datetime]
    written_at: datetime | None


def tell(settings: AnySettings, found: list[Found], now: datetime) -> bool:
    """Post what is missing when that changed, or again after a while; return whether it was taken.

    Once nothing is missing any more, that is posted, too. What was told of checks that are not
    among the found ones is left to whoever looks for it.
    """
    with _alone(settings):
        before = _last_told(settings)
        if before is None:
            # While there is room for it: it is needed when there is none.
            before = Told({}, None)
            _remember(settings, before)
        return _tell(settings, found, now, before)


def _tell(settings: AnySettings, found: list[Found], now: datetime, before: Told) -> bool:
    missing = {f"{one.check} {one.subject}" for one in found if not one.ok}
    looked_at = {one.check for one in found}
    of_others = {
        lapse: at
        for lapse, at in before.lapses.items()
        if lapse.split()[0] not in looked_at and not _is_over(settings, at, now, _FORGOTTEN)
    }
    ended = set(before.lapses) - missing - set(of_others)
    due = {
        lapse
        for lapse in missing
        if lapse not in before.lapses or _is_over(settings, before.lapses[lapse], now, _ALMOST)
    }
    if not due and not ended:
        return True
    if missing:
        # A warehouse that is away hinders several checks, and is told once.
        lines = dict.fromkeys(f"- {one.text}" for one in found if not one.ok)
        text = "\n".join(["kpi check: something is missing.", *lines])
    else:
        text = "" if of_others else _WELL_AGAIN
    if text and not post(settings, text):
        return False
    _remember(settings, Told({**of_others, **dict.fromkeys(missing, now)}, now))
    return True


def _is_over(settings: AnySettings, at: datetime, now: datetime, share: float) -> bool:
    """Return whether that share of the hours is over after which people are told again."""
    return (now - at).total_seconds() >= settings.check.again_hours * 3600 * share


@contextmanager
def _alone(settings: AnySettings) -> Iterator[None]:
    """Keep others of this home waiting: a timer and a run may look in the same second."""
    with ExitStack() as held:
        # A home that is not there, or on a disk without locks: then both may tell.
        with suppress(OSError):
            folder = os.open(settings.home, os.O_RDONLY | os.O_DIRECTORY)
            held.callback(os.close, folder)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield


def _last_told(settings: AnySettings) -> Told | None:
    """Return what was told last; None when nobody knows."""
    known = []
    for file in _files(settings):
        # Absent or damaged: as if nothing had been told. Where everybody may write, only our own.
        with suppress(OSError, ValidationError):
            if file.parent == settings.home or file.stat().st_uid == os.geteuid():
                known.append(TypeAdapter(Told).validate_json(file.read_bytes()))
    return max(
        known, key=lambda told: told.written_at.timestamp() if told.written_at else 0, default=None
    )


def _remember(settings: AnySettings, told: Told) -> None:
    """Write it where there is room; where there is none anywhere, people are told again."""
    text = json.dumps(asdict(told), default=str).ljust(_BLOCK) + "\n"
    for file in _files(settings):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            # Not replaced: a full disk has no room for another file.
            with os.fdopen(
                os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+"
            ) as at:
                at.write(text)
                at.truncate()
        except OSError:
            continue
        return
    logger.warning("Nothing can be written in %s: what is missing is told again.", settings.home)


def _files(settings: AnySettings) -> Iterator[Path]:
    """Yield where it is kept, and where else when that cannot be written."""
    yield settings.home / "check.json"
    name = hashlib.sha256(str(settings.home.resolve()).encode()).hexdigest()[:16]
    yield Path(tempfile.gettempdir()) / f"kpi-check-{os.geteuid()}-{name}.json"
