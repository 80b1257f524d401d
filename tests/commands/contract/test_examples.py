"""`kpi contract lint` asks each rule for a good and a bad value, and tries both."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.platform.warehouse.connection import Connection
from tests.contracts.changed import CHURN, CRYPTO, changed
from tests.crypto_events.rules.every_rule import every_kind

Kpi = Callable[..., Any]


@pytest.fixture
def assets(db: Connection) -> None:
    """The table that a rule of the contract with every kind of rule refers to."""
    db.execute("CREATE TABLE public.assets (code text)")
    db.execute("INSERT INTO public.assets VALUES ('BTC')")


@pytest.mark.usefixtures("warehouse", "assets")
def test_the_examples_of_every_kind_of_rule_are_right_and_nothing_of_them_is_kept(
    kpi: Kpi, db: Connection, tmp_path: Path
) -> None:
    def rows() -> list[int]:
        tables = ("raw.bt_crypto_transaction_history", "raw.bt_crypto_judged", "dqm.calendar")
        return [len(db.execute(f"SELECT FROM {table}").fetchall()) for table in tables]

    before = rows()
    done = kpi("contract", "lint", str(every_kind(tmp_path)), str(CRYPTO), str(CHURN))
    assert (done.code, done.err) == (0, "")
    assert rows() == before


@pytest.mark.usefixtures("warehouse", "assets")
@pytest.mark.parametrize(
    ("old", "new", "rule", "says"),
    [
        ("badValue, value: Brasil", "badValue, value: ARGENTINA", "site_id_unknown", "badV passes"),
        ('goodValue, value: "1.12', 'goodValue, value: "1.123456789012', "price_digits", "goodV"),
        ("badValue, value: 6/3/2025", "badValue, value: 8/3/2025", "date_bounds", "badV passes"),
        ("badValue, value: ETH", "badValue, value: BTC", "crypto_listed", "badV passes"),
        ('badValue, value: "49"', 'badValue, value: "50"', "price_is_low", "badV passes"),
        ('purchase_units: "3"', 'purchase_units: "4"', "own_sql", "badV passes"),
        ("badValue, value: BRASIL", "badValue, value: AAAAO", "site_pattern", "badV passes"),
        (
            "badValue, value: 31/12/2030",
            "badValue, value: 11/3/2025",
            "date_in_future",
            "badV pass",
        ),
    ],
)
def test_an_example_that_its_rule_judges_otherwise_is_told_with_its_line(
    kpi: Kpi, tmp_path: Path, old: str, new: str, rule: str, says: str
) -> None:
    path = changed(tmp_path, old, new, of=every_kind(tmp_path))
    line = next(n for n, text in enumerate(path.read_text("utf-8").splitlines(), 1) if new in text)
    done = kpi("contract", "lint", str(path))
    name, does, should = (
        ("badValue", "passes", "break") if "bad" in says else ("goodValue", "breaks", "pass")
    )
    assert done.code == 2
    assert done.out == f"{path}: wrong\n"
    about = f"{name} of the rule {rule} {does} the rule, and should {should} it."
    assert f"line {line}: {about}" in done.err or f"line {line - 1}: {about}" in done.err


@pytest.mark.usefixtures("warehouse", "assets")
def test_a_rule_that_fails_on_an_example_is_told(kpi: Kpi, tmp_path: Path) -> None:
    path = changed(
        tmp_path, "purchase_price = 7 AND", "1 / purchase_price > 7 AND", of=every_kind(tmp_path)
    )
    changed(tmp_path, 'badValue, value: "-0.0"', 'badValue, value: "0"', of=path)
    assert "the rule own_sql fails on a row" in kpi("contract", "lint", str(path)).err


def test_examples_that_are_no_cells_are_told_without_a_warehouse(
    kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_HOME", str(tmp_path / "home"))
    for old, new, says in [
        ('goodValue, value: "42"', "goodValue, value: 4.50", "no text: write the cell in quotes"),
        ('goodValue, value: "42"', "goodValue, value: true", "no text: write the cell in quotes"),
        ("value: {purchase_price: ", "value: {price: ", "of price, but a delivery has site_id, "),
        ('value: {purchase_price: "7"}', 'value: "7"', "has to be cells by column: {column: cell}"),
    ]:
        path = changed(tmp_path, old, new, of=every_kind(tmp_path))
        done = kpi("contract", "lint", str(path))
        assert done.code == 2
        assert f"{path}, line " in done.err
        assert says in done.err


def test_a_rule_without_examples_is_a_warning(kpi: Kpi, tmp_path: Path) -> None:
    path = changed(tmp_path, "{property: badValue, value: btc}", "{property: note, value: btc}")
    done = kpi("contract", "lint", str(path))
    assert (done.code, done.out) == (0, f"{path}: right\n")
    assert "the rule crypto_type_unknown has no badValue, so nobody tries whether it " in done.err


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("goodValue, value: Investing", "goodValue, value: X", "goodValue of the rule investment_"),
        ("badValue, value: X", "badValue, value: Warmup", "badValue of the rule investment_unkn"),
    ],
)
def test_the_examples_of_churn_are_tried_by_the_checks_of_its_files(
    kpi: Kpi, tmp_path: Path, old: str, new: str, says: str
) -> None:
    path = changed(tmp_path, old, new, of=CHURN)
    done = kpi("contract", "lint", str(path))
    assert (done.code, done.out) == (2, f"{path}: wrong\n")
    assert f"{path}, line " in done.err
    assert says in done.err
