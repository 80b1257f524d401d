"""Somebody else's tool, given our contract as it is, agrees about the published table."""

import json
import os
import subprocess
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from flows.paths import CONTRACTS, REPOSITORY
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import add_rows, publish

pytestmark = pytest.mark.long

DATACONTRACT = REPOSITORY / ".venv-datacontract" / "bin" / "datacontract"


def verdict(database_url: str, folder: Path) -> dict[str, list[str]]:
    """What `datacontract test` says: names of checks by their result."""
    at = urlsplit(database_url)
    report = folder / "report.json"
    place = {
        "HOST": at.hostname,
        "PORT": str(at.port),
        "DATABASE": at.path[1:],
        "USERNAME": at.username,
        "PASSWORD": at.password,
    }
    done = subprocess.run(
        [
            *(DATACONTRACT, "test", CONTRACTS / "bt_crypto_events.odcs.yaml"),
            *("--output", report, "--output-format", "json"),
        ],
        env={
            **os.environ,
            **{f"DATACONTRACT_POSTGRES_{name}": value or "" for name, value in place.items()},
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    checks: dict[str, list[str]] = {}
    assert report.is_file(), done.stdout + done.stderr
    for check in json.loads(report.read_text(encoding="utf-8"))["checks"]:
        checks.setdefault(check["result"], []).append(f"{check['field']}: {check['name']}")
    assert (done.returncode == 0) == (set(checks) == {"passed"})
    return checks


def test_the_published_table_passes_until_a_row_breaks_the_contract(
    settings: Settings, db: Connection, database_url: str, tmp_path: Path
) -> None:
    add_rows(db, {}, {"user_id": "2", "purchase_price": "0.00000001"})
    assert publish(settings, as_of=date(2025, 3, 10)).inserted == 2

    assert set(verdict(database_url, tmp_path)) == {"passed"}

    # As somebody would who writes to the published table by hand.
    db.execute("UPDATE prod.bt_crypto_events SET site_id = 'Brasil' WHERE user_id = 2")
    assert verdict(database_url, tmp_path)["failed"] == [
        "site_id: Check that field site_id has invalid_count = 0"
    ]
