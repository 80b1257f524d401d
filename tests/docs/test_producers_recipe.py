"""The recipe in docs/producers.md takes an exchange's export to the published table."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.paths import REPOSITORY
from flows.platform.warehouse.connection import Connection
from tests.commands.conftest import kpi, warehouse

__all__ = ["kpi", "warehouse"]

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api", "warehouse"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

RECIPE = (REPOSITORY / "docs" / "producers.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", RECIPE, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def test_the_recipe_publishes_the_purchases_of_an_export(
    kpi: Callable[..., Any], db: Connection, tmp_path: Path
) -> None:
    (tmp_path / "trades.csv").write_text(block("csv"), encoding="utf-8")
    shutil.copytree(REPOSITORY / "contracts", tmp_path / "contracts")
    copy, *commands = block("sh").splitlines()
    subprocess.run(["sh", "-c", copy], check=True, cwd=tmp_path)

    said = [kpi(*shlex.split(command)[1:]) for command in commands]

    assert [result.code for result in said] == [0, 0, 0, 0], [result.err for result in said]
    assert "2 of 2 rows of trades.csv would pass; 1 are left out" in said[0].out
    assert "Left out 1 that the producer's file leaves out." in said[1].out
    assert "(2 rows)" in said[3].out
    published = db.execute(
        "SELECT purchase_date::text, crypto_type, purchase_value FROM prod.bt_crypto_events"
        " WHERE user_id = 4711 ORDER BY purchase_date"
    ).fetchall()
    assert [tuple(map(str, row.values())) for row in published] == [
        ("2025-03-09", "BTC", "1000.0020000000000"),
        ("2025-03-10", "ETH", "1005.0000000000000"),
    ]
