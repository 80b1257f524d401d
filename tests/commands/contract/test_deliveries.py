"""`kpi contract` and `kpi ingest --as`: a file with other columns finds its way."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.crypto_events.contract import RAW_COLUMNS
from flows.platform.warehouse.connection import Connection
from tests.churn.churn_files import ROWS, deliver
from tests.churn.sources.producers.foreign_files import write_foreign
from tests.contracts.changed import changed

Kpi = Callable[..., Any]

EXPORT = "KUNDE;Land;Datum;Coin;Preis;Menge\n12;MEXICO;31.03.2025;BTC;1.234,50;2\n"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """An export that the contract alone does not read."""
    file = tmp_path / "export.csv"
    file.write_text(f"{EXPORT}13;Mexiko;01.04.2025;BTC;7,5;0,25\n", encoding="utf-8")
    return file


@pytest.mark.usefixtures("warehouse")
def test_a_file_with_other_columns_is_drafted_tested_and_stored(
    kpi: Kpi, db: Connection, export: Path, tmp_path: Path
) -> None:
    refused = kpi("ingest", str(export))
    assert refused.code == 2
    assert refused.sentence.endswith(
        "Where that is how its producer writes it: kpi contract infer export.csv."
    )

    draft = tmp_path / "shop.yaml"
    assert kpi("contract", "infer", str(export), "--output", str(draft)).code == 0
    assert kpi("contract", "infer", str(export), "--output", str(draft)).sentence.endswith(
        "shop.yaml is there already; nothing was written."
    )
    assert 'decimalSign: ","  # guess' in kpi("contract", "infer", str(export)).out

    judged = kpi("contract", "test", str(export), "--as", str(draft))
    assert judged.code == 1
    assert "1 of 2 rows of export.csv would pass. Nothing was stored." in judged.out
    assert "site_id_unknown" in judged.out
    assert judged.sentence == (
        "kpi: Not every row of export.csv fits the contract. Nothing was stored."
    )

    draft.write_text(
        draft.read_text(encoding="utf-8") + "values: {site_id: {Mexiko: MEXICO}}\n",
        encoding="utf-8",
    )
    assert kpi("contract", "test", str(export), "--as", str(draft)).code == 0
    stored = kpi("ingest", str(export), "--as", str(draft))
    assert stored.out.startswith("Stored 2 rows of export.csv (2 days: 2025-03-31 … 2025-04-01)")
    rows = db.execute(
        "SELECT site_id FROM raw.bt_crypto_transaction_history WHERE producer = 'shop'"
    ).fetchall()
    assert [row["site_id"] for row in rows] == ["MEXICO", "MEXICO"]


@pytest.mark.usefixtures("warehouse")
def test_a_file_with_too_many_missing_values_is_told_and_refused(
    kpi: Kpi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # As where a producer writes USDC when it knows no coin.
    entry = (
        "- {id: coin_known, metric: missingValues, unit: percent, mustBeLessThan: 40,"
        " arguments: {missingValues: [USDC]}}"
    )
    first = "- id: crypto_type_missing"
    mine = changed(tmp_path, first, f"{entry}\n          {first}")
    monkeypatch.setenv("KPI_CRYPTO__CONTRACT", str(mine))
    file = tmp_path / "delivery.csv"
    rows = ["MEXICO,1,9/3/2025,BTC,2,3", "MEXICO,2,9/3/2025,USDC,2,3"]
    file.write_text("\n".join([",".join(RAW_COLUMNS), *rows, ""]), encoding="utf-8")

    judged = kpi("contract", "test", str(file))

    assert judged.code == 1
    assert judged.out == (
        "Question: crypto_type is missing in 1 of 2 rows of 2025-03-09, and may be in less than "
        "40 % (coin_known).\n2 of 2 rows of delivery.csv would pass. Nothing was stored.\n"
    )
    assert judged.sentence == (
        "kpi: delivery.csv as a whole does not fit the contract. Nothing was stored."
    )


def test_a_producers_file_that_is_wrong_is_refused_before_the_warehouse_is_asked(
    kpi: Kpi, monkeypatch: pytest.MonkeyPatch, export: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    wrong = tmp_path / "shop.yaml"
    wrong.write_text("kind: Producer\ncontract: gone\n", encoding="utf-8")

    for command in (("ingest",), ("contract", "test")):
        said = kpi(*command, str(export), "--as", str(wrong))
        assert said.code == 2
        assert said.sentence == (
            f"kpi: {wrong}, line 2: contract names none of bt_crypto_events, churn."
        )
    assert "There is no producer 'nobody'" in kpi("ingest", str(export), "--as", "nobody").sentence


def test_a_churn_file_is_judged_by_its_producer_its_name_or_the_setting(
    kpi: Kpi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # No warehouse is asked.
    monkeypatch.setenv("KPI_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    folder = deliver(tmp_path)
    plain = kpi("contract", "test", str(folder / "ACTIVE_USER.csv"))
    assert plain.out == "3 rows of ACTIVE_USER.csv would pass. Nothing was stored.\n"

    producer = write_foreign(folder, "PAYMENTS", ROWS["PAYMENTS"])
    export = (folder / "PAYMENTS.csv").rename(folder / "export.csv")
    by_producer = kpi("contract", "test", str(export), "--as", str(producer))
    passing = "4 rows of export.csv would pass; 2 are left out. Nothing was stored.\n"
    assert (by_producer.code, by_producer.out) == (0, passing)

    payments = export.rename(folder / "PAYMENTS.csv")
    refused = kpi("contract", "test", str(payments))
    assert (refused.code, "PAYMENTS.csv, line 1: this is no CSV" in refused.sentence) == (2, True)
    monkeypatch.setenv("KPI_CHURN__PRODUCERS", f'{{"PAYMENTS": "{producer}"}}')
    assert kpi("contract", "test", str(payments)).code == 0

    ingested = kpi("contract", "test", str(payments), "--as", str(folder / "none.yaml"))
    assert ingested.sentence.endswith("none.yaml: cannot be read: No such file or directory.")


@pytest.mark.usefixtures("warehouse")
def test_crypto_transactions_are_nothing_that_a_producer_of_churn_writes(
    kpi: Kpi, tmp_path: Path
) -> None:
    producer = write_foreign(tmp_path, "PAYMENTS", ROWS["PAYMENTS"])
    done = kpi("ingest", str(tmp_path / "PAYMENTS.csv"), "--as", str(producer))
    assert done.sentence == (
        f"kpi: {producer}, line 3: this producer writes PAYMENTS, and not crypto transactions. "
        "Name it in KPI_CHURN__PRODUCERS."
    )


@pytest.mark.parametrize("name", ["DEMOGRAFICOS", "DINERO_CUENTA", "MARKETPLACE_DATA"])
def test_a_producer_of_a_churn_file_is_drafted(kpi: Kpi, tmp_path: Path, name: str) -> None:
    rows = {**ROWS, "DINERO_CUENTA": ("1,1150.25,99.5,Investing", "2,0,0,Pending")}[name]
    write_foreign(tmp_path, name, rows)
    export = (tmp_path / f"{name}.csv").rename(tmp_path / "export.csv")
    drafted = kpi(
        "contract",
        "infer",
        str(export),
        "--table",
        name.lower(),
        "--date-format",
        "M/d/yyyy h:mm a",
    )
    assert drafted.code == 0, drafted.err
    assert f"contract: churn\ntable: {name}\n" in drafted.out
    assert "  user_id: " in drafted.out
    wrong = kpi("contract", "infer", str(export), "--table", "PAGOS")
    assert wrong.sentence.startswith("kpi: --table is one of PAYMENTS, ACTIVE_USER, DEMOGRAFICOS")


def test_what_is_no_text_is_named_and_not_drafted(kpi: Kpi, tmp_path: Path) -> None:
    (tmp_path / "packed.csv").write_bytes(gzip.compress(b"a,b\n1,2\n" * 100))
    (tmp_path / "wide.csv").write_text("CUS_CUST_ID_BUY,AGE\n1,30\n", encoding="utf-16")

    packed = kpi("contract", "infer", str(tmp_path / "packed.csv"))
    wide = kpi("contract", "infer", str(tmp_path / "wide.csv"), "--table", "DEMOGRAFICOS")

    assert (packed.code, wide.code) == (2, 0)
    assert packed.sentence == (
        "kpi: packed.csv is a gzip file, not CSV text in UTF-8. Unpack it first."
    )
    assert "encoding: utf-16" in wide.out
