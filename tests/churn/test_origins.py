"""A changed cell changes the features that lineage says, and no other."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.origins import origins, what_features_lack
from flows.contracts.contract import Contract
from flows.contracts.read import read_contract
from flows.paths import REPOSITORY
from flows.settings import Settings
from tests.churn.churn_files import AS_OF, ROWS, deliver
from tests.churn.features.churn_features import feature_frame, make_features
from tests.contracts.changed import CHURN, changed

PLAN_ALL = """
from pathlib import Path
from flows.churn.pipeline import DRIFT_MONITOR, SCORING, TRAINING, WATCHDOG
from flows.errors import BadInput
from flows.settings import Settings
for pipeline in (TRAINING, SCORING, DRIFT_MONITOR, WATCHDOG):
    try:
        pipeline.plan_run(Settings(home="home"), {"source": Path("nowhere")})
    except BadInput as error:
        print(error)
"""

FILES = ("ACTIVE_USER", "DEMOGRAFICOS", "DINERO_CUENTA", "MARKETPLACE_DATA")
DAYS = dict.fromkeys(FILES, "2026-05-31")
CHANGES = {
    ("PAYMENTS", "paid_on"): ("2026-05-30,8,1,20.50", "2026-03-15,8,1,20.50"),
    ("PAYMENTS", "spent"): (",20.50,", ",30.50,"),
    ("PAYMENTS", "segment"): (",20.50,Utilities", ",20.50,Instore"),
    ("PAYMENTS", "discount"): (",2.50", ","),
    ("ACTIVE_USER", "mau_mp_1"): ("1,9,8,7", "1,10,8,7"),
    ("ACTIVE_USER", "mau_ml_1"): ("1,9,8,7", "1,9,9,7"),
    ("ACTIVE_USER", "mau_ml_2"): ("1,9,8,7", "1,9,8,8"),
    ("ACTIVE_USER", "last_login_on"): ("2026-05-30", "2026-05-20"),
    ("DEMOGRAFICOS", "age"): ("1,30", "1,31"),
    ("DEMOGRAFICOS", "gender"): ("30,F", "30,M"),
    ("DEMOGRAFICOS", "card_type"): ("Credit", "None"),
    ("DINERO_CUENTA", "balance_last_month"): ("150.25", "151.25"),
    ("DINERO_CUENTA", "balance_month_before"): ("99.5", "98.5"),
    ("DINERO_CUENTA", "investment"): ("Investing", "Pending"),
    ("MARKETPLACE_DATA", "spent_ml"): ("80.10", "81.10"),
    ("MARKETPLACE_DATA", "last_purchase_on"): ("2026-05-01", "2026-04-01"),
    ("MARKETPLACE_DATA", "frequency_ml"): (",3", ",4"),
}


def without(contract: Contract, table: str, column: str) -> Contract:
    """The contract without a column."""
    tables = [
        replace(one, columns=tuple(c for c in one.columns if (one.name, c.name) != (table, column)))
        for one in contract.tables
    ]
    return replace(contract, tables=tuple(tables))


def test_each_feature_has_origins_and_each_origin_is_tried() -> None:
    assert tuple(origins()) == FEATURE_NAMES
    assert {origin for found in origins().values() for origin in found} == set(CHANGES)


@pytest.mark.parametrize(("file", "column"), CHANGES)
def test_a_changed_cell_changes_what_is_made_from_it(
    file: str, column: str, churn_settings: Settings, tmp_path: Path
) -> None:
    before, after = CHANGES[file, column]
    changed_rows = [row.replace(before, after, 1) for row in ROWS[file]]
    frames = []
    for name, rows in (("as it was", ROWS[file]), ("changed", changed_rows)):
        source = deliver(tmp_path / name, true_as_of=DAYS, **{file: rows})
        run, _ = make_features(churn_settings, source, AS_OF, name.replace(" ", "-"))
        frames.append(feature_frame(churn_settings, run))
    was, now = frames
    changed = {name for name in FEATURE_NAMES if not was[name].equals(now[name])}
    declared = {name for name, found in origins().items() if (file, column) in found}
    assert changed
    # Another day of payment moves only those whose days it leaves or enters.
    assert changed <= declared if column == "paid_on" else changed == declared


@pytest.mark.parametrize(
    ("table", "column", "needed_by"),
    [
        ("PAYMENTS", "discount", "avg_discount, discounted_share need"),
        ("PAYMENTS", "segment", "instore_payments, utilities_payments, the scores need"),
        ("DEMOGRAFICOS", "city", "the scores needs"),
        ("MARKETPLACE_DATA", "user_id", "every feature needs"),
        ("PAYMENTS", "seller_id", None),
    ],
)
def test_a_contract_without_a_column_is_told_with_the_features_that_need_it(
    tmp_path: Path, table: str, column: str, needed_by: str | None
) -> None:
    contract = read_contract(CHURN)
    [problem] = [*what_features_lack(without(contract, table, column)), None][:1]
    if needed_by is None:
        assert problem is None
        return
    assert str(problem) == (
        f"contracts/churn.odcs.yaml, line {contract.table(table).line}: {table} has no column "
        f"{column}, which {needed_by}: keep it, or take them out of the features first."
    )


def test_each_pipeline_says_so_before_it_looks_for_a_file(tmp_path: Path) -> None:
    # Another checkout, because a contract is read from its place beside the program.
    for part in ("flows", "sql", "contracts"):
        shutil.copytree(REPOSITORY / part, tmp_path / part)
    changed(tmp_path, "name: balance_last_month", "name: saldo", of=CHURN)
    (tmp_path / "mine.odcs.yaml").replace(tmp_path / "contracts" / "churn.odcs.yaml")
    said = subprocess.run(
        [sys.executable, "-c", PLAN_ALL],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    line = read_contract(CHURN).table("DINERO_CUENTA").line
    sentence = (
        f"contracts/churn.odcs.yaml, line {line}: DINERO_CUENTA has no column balance_last_month, "
        "which saldo_mes_actual needs: keep it, or take them out of the features first."
    )
    assert said.stdout.splitlines() == [sentence] * 4, said.stderr
    assert not (tmp_path / "home").exists()
