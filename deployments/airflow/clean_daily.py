"""Airflow forgets old runs, every day: its own command does it, which nothing of Airflow's calls.

Not a DAG: tasks of Airflow 3 do not reach its database, and a DAG would clean the Airflow of
whoever uses ours in their own. Standard library only, in Airflow's environment.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

# As of the settings of the same names.
MODE = "dry-run"
DAYS = 90

# There while the last cleaning failed, for a health check to find.
FAILED = Path(tempfile.gettempdir()) / "airflow-not-cleaned"

_FIRST_AFTER = timedelta(hours=1)  # when everything has started
_EVERY = timedelta(days=1)


def command(environment: Mapping[str, str], now: datetime) -> list[str]:
    """Return what removes from Airflow's database what is older than the settings keep.

    Unless the mode is `prune`, it only says what that would be. Raises ValueError for days that are
    no number.
    """
    days = int(environment.get("KPI_RETENTION__AIRFLOW_LOGS_DAYS") or DAYS)
    before = (now - timedelta(days=days)).isoformat()
    # Otherwise it moves old rows into tables of an archive, and nothing gets smaller.
    cleaning = ["airflow", "db", "clean", "--clean-before-timestamp", before, "--skip-archive"]
    removes = environment.get("KPI_RETENTION__MODE", MODE) == "prune"
    return [*cleaning, "--yes"] if removes else [*cleaning, "--dry-run"]


def clean() -> bool:
    """Clean once; return whether that succeeded. What Airflow says of it is this process's log."""
    done = subprocess.run(command(os.environ, datetime.now(UTC)), check=False)
    if done.returncode:
        sys.stderr.write(f"Airflow's database was not cleaned ({done.returncode}): see above.\n")
        FAILED.touch()
        return False
    FAILED.unlink(missing_ok=True)
    return True


def main() -> None:
    """Clean every day, and after a failure in an hour."""
    wait = _FIRST_AFTER
    while True:
        time.sleep(wait.total_seconds())
        wait = _EVERY if clean() else _FIRST_AFTER


if __name__ == "__main__":
    main()
