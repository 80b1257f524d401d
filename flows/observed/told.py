"""What people were told last, so that a timer does not tell them the same every few minutes."""

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from flows.observed.checks import Found
from flows.platform.pipeline.notifications import post
from flows.settings import Settings

logger = logging.getLogger(__name__)

_WELL_AGAIN = "All that was missing has happened: everything is well again."
# As much as a disk hands out at once: what lies in it is written anew on a full one.
_BLOCK = 4096


@dataclass(frozen=True)
class Told:
    """What was missing when people were told, and when that was."""

    missing: list[str]
    told_at: datetime | None


def tell(settings: Settings, found: list[Found], now: datetime) -> bool:
    """Post what is missing when that changed, or again after a while; return whether it was taken.

    Once nothing is missing any more, that is posted, too.
    """
    missing = sorted(f"{one.check} {one.subject}" for one in found if not one.ok)
    before = _last_told(settings)
    if before is None:
        # While there is room for it: it is needed when there is none.
        before = Told([], None)
        _remember(settings, before)
    if missing == before.missing and not _is_due(settings, before, now):
        return True
    if missing:
        # A warehouse that is away hinders several checks, and is told once.
        lines = dict.fromkeys(f"- {one.text}" for one in found if not one.ok)
        text = "\n".join(["kpi check: something is missing.", *lines])
    else:
        text = _WELL_AGAIN
    if not post(settings, text):
        return False
    _remember(settings, Told(missing, now))
    return True


def _is_due(settings: Settings, before: Told, now: datetime) -> bool:
    if not before.missing or not before.told_at:
        return False
    return (now - before.told_at).total_seconds() >= settings.check.again_hours * 3600


def _last_told(settings: Settings) -> Told | None:
    """Return what was told last; None when nobody knows."""
    known = []
    for file in _files(settings):
        # Absent or damaged: as if nothing had been told. Where everybody may write, only our own.
        with suppress(OSError, ValidationError):
            if file.parent == settings.home or file.stat().st_uid == os.geteuid():
                known.append(TypeAdapter(Told).validate_json(file.read_bytes()))
    return max(
        known, key=lambda told: told.told_at.timestamp() if told.told_at else 0, default=None
    )


def _remember(settings: Settings, told: Told) -> None:
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


def _files(settings: Settings) -> Iterator[Path]:
    """Yield where it is kept, and where else when that cannot be written."""
    yield settings.home / "check.json"
    name = hashlib.sha256(str(settings.home.resolve()).encode()).hexdigest()[:16]
    yield Path(tempfile.gettempdir()) / f"kpi-check-{os.geteuid()}-{name}.json"
