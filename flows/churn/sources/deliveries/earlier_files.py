"""Files about users from earlier deliveries: what was known on an earlier day.

A delivery describes users as of today, which is more than a training may know: it uses the
file of a month ago, if one was delivered then.
"""

import logging
import shutil
from datetime import date
from pathlib import Path

from flows.churn.folders import churn_earlier_files
from flows.platform.storage.atomic_files import replacing
from flows.settings import Settings

logger = logging.getLogger(__name__)


def remember_file(settings: Settings, name: str, day: date, parquet: Path) -> None:
    """Keep a checked file as the one that describes users as of `day`; only the latest are kept."""
    folder = churn_earlier_files(settings) / name
    with replacing(folder / f"{day}.parquet") as temporary:
        shutil.copyfile(parquet, temporary)
    for old in _days(folder)[: -settings.churn.keep_deliveries]:
        (folder / f"{old}.parquet").unlink(missing_ok=True)


def take_earlier_file(settings: Settings, name: str, cutoff: date, parquet: Path) -> date | None:
    """Replace `parquet` with the latest file that describes no day later than `cutoff`.

    Returns its day; None when there is none within one label window before the cutoff.
    """
    folder = churn_earlier_files(settings) / name
    days = [day for day in _days(folder) if 0 <= (cutoff - day).days < settings.churn.label_days]
    if not days:
        return None
    with replacing(parquet) as temporary:
        shutil.copyfile(folder / f"{days[-1]}.parquet", temporary)
    logger.info("%s.csv is newer than %s: took the one as of %s.", name, cutoff, days[-1])
    return days[-1]


def _days(folder: Path) -> list[date]:
    return sorted(date.fromisoformat(file.stem) for file in folder.glob("[0-9]*.parquet"))
