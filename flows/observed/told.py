"""What people were told last, so that a timer does not tell them the same every few minutes."""

from datetime import datetime
from pathlib import Path

from flows.observed.checks import Found
from flows.platform.pipeline.notifications import post
from flows.platform.storage.atomic_files import read_json, write_json
from flows.settings import Settings

_WELL_AGAIN = "All that was missing has happened: everything is well again."


def tell(settings: Settings, found: list[Found], now: datetime) -> bool:
    """Post what is missing when that changed, or again after a while; return whether it was taken.

    Once nothing is missing any more, that is posted, too.
    """
    missing = sorted(f"{one.check} {one.subject}" for one in found if not one.ok)
    file = _file(settings)
    before = read_json(file) if file.exists() else {"missing": [], "told_at": None}
    if missing == before["missing"] and not _is_due(settings, before, now):
        return True
    if missing:
        lines = [f"- {one.text}" for one in found if not one.ok]
        text = "\n".join(["kpi check: something is missing.", *lines])
    else:
        text = _WELL_AGAIN
    if not post(settings, text):
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    write_json(file, {"missing": missing, "told_at": now.isoformat()})
    return True


def _is_due(settings: Settings, before: dict[str, object], now: datetime) -> bool:
    if not before["missing"] or not before["told_at"]:
        return False
    seconds = (now - datetime.fromisoformat(str(before["told_at"]))).total_seconds()
    return seconds >= settings.check.again_hours * 3600


def _file(settings: Settings) -> Path:
    return settings.home / "check.json"
