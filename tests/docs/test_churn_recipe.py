"""The recipe in docs/producers.md takes somebody else's payments to a trained model."""

import csv
import io
import re
import shlex
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.churn.folders import last_training
from flows.paths import REPOSITORY
from flows.platform.storage.atomic_files import read_json
from flows.settings import load_settings
from tests.commands.conftest import kpi, warehouse

__all__ = ["kpi", "warehouse"]

pytestmark = [
    pytest.mark.long,
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api", "warehouse"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

SAMPLE = REPOSITORY / "data" / "churn"
PAGE = (REPOSITORY / "docs" / "producers.md").read_text(encoding="utf-8")
RECIPE = PAGE[PAGE.index("## From somebody else's payments") :]


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", RECIPE, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def export(header: list[str]) -> str:
    """The sample's payments below these lines, as the recipe's producer writes them."""
    text = io.StringIO("".join(header))
    text.seek(0, io.SEEK_END)
    rows = csv.writer(text, delimiter=";", lineterminator="\n")
    with (SAMPLE / "PAYMENTS.csv").open(encoding="utf-8", newline="") as file:
        for day, seller, user, spent, segment, discount in list(csv.reader(file))[1:]:
            paid_on = date.fromisoformat(day).strftime("%d/%m/%Y")
            amounts = [amount.replace(".", ",") for amount in (spent, discount)]
            rows.writerow([paid_on, seller, user, amounts[0], segment, amounts[1], "web"])
    return text.getvalue()


def test_the_recipe_trains_on_the_payments_of_an_export(
    kpi: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shown = block("csv").splitlines(keepends=True)
    written = export(shown[:2])
    assert written.startswith("".join(shown))
    (tmp_path / "export.csv").write_text(written, encoding="utf-8")
    copy, infer, test, setting, train = block("sh").splitlines()
    (tmp_path / "data").symlink_to(REPOSITORY / "data")
    subprocess.run(["sh", "-c", copy], check=True, cwd=tmp_path)

    assert kpi(*shlex.split(infer)[1:]).code == 0
    judged = kpi(*shlex.split(test)[1:])
    rows = len(written.splitlines()) - 2
    assert judged.out == f"{rows:,} rows of PAYMENTS.csv would pass. Nothing was stored.\n"
    name, _, value = shlex.split(setting)[1].partition("=")
    monkeypatch.setenv(name, value.replace("$PWD", str(tmp_path)))
    # One fit, and no more, shows that it trains.
    monkeypatch.setenv("KPI_CHURN__REGULARIZATIONS", "[0.001]")
    monkeypatch.setenv("KPI_CHURN__BOOTSTRAP_ROUNDS", "100")
    trained = kpi(*shlex.split(train)[1:])

    assert trained.code == 0, trained.err
    assert read_json(last_training(load_settings()))
