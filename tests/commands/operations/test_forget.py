"""`kpi forget`: what is asked for, what it prints, and how it ends."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.platform.forgetting.key import key_file, make_key
from flows.platform.forgetting.ledger import lines_in_table
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings

Kpi = Callable[..., Any]

USER = "100012"  # of the seed
RAW = "raw.bt_crypto_transaction_history"


def rows(db: Connection) -> int:
    found = db.execute(f"SELECT FROM {RAW} WHERE user_id = %s".encode(), [USER])
    return len(found.fetchall())


@pytest.fixture(autouse=True)
def key(warehouse: Settings) -> Path:
    """The file of a key that was brought here, as the warehouse is no embedded server."""
    make_key(warehouse)
    return key_file(warehouse)


def test_in_a_warehouse_of_others_too_no_key_of_its_own_is_made(
    kpi: Kpi, db: Connection, key: Path
) -> None:
    key.unlink()

    said = kpi("forget", USER, "--why", "asked for it")

    assert said.code == 2
    assert "run kpi forget where the platform runs" in said.sentence
    assert "set KPI_FORGET_KEY" in said.sentence
    assert (rows(db), lines_in_table(db), key.exists()) == (1, [], False)


@pytest.mark.usefixtures("warehouse")
def test_what_it_would_do_and_what_it_did(kpi: Kpi, db: Connection) -> None:
    would = kpi("forget", USER, "--dry-run", "--format", "json")
    assert rows(db) == 1
    did = kpi("forget", USER, "--why", "asked for it", "--format", "json")
    assert rows(db) == 0

    assert (would.code, did.code, did.err) == (0, 0, "")
    told = {row["place"]: row for row in json.loads(would.out)}
    assert told[RAW] == {"place": RAW, "found": 1, "done": "would be deleted"}
    told = {row["place"]: row for row in json.loads(did.out)}
    assert told[RAW] == {"place": RAW, "found": 1, "done": "deleted"}


def test_an_old_file_is_told_without_them(
    warehouse: Settings, kpi: Kpi, db: Connection, tmp_path: Path
) -> None:
    file = tmp_path / "old.csv"
    file.write_text(
        "site_id,user_id,purchase_date,crypto_type,purchase_price,purchase_units\n"
        f"ARGENTINA,{USER},1/1/2023,BTC,20010,1.4\nARGENTINA,1,1/1/2023,BTC,20010,1.4\n"
    )
    kpi("forget", USER, "--why", "asked for it")

    said = kpi("ingest", str(file))

    assert "Stored 1 row of old.csv" in said.out
    assert said.out.endswith("Left out 1 of people who were forgotten.\n")
    assert "forgotten people: 1, the ledger applied" in kpi("doctor").out

    assert kpi("forget", USER, "--lift", "--why", "came back").code == 0
    assert "Stored 2 rows" in kpi("ingest", str(file)).out
    assert rows(db) == 1

    kpi("forget", USER, "--why", "left again")
    key_file(warehouse).unlink()
    refused = kpi("ingest", str(file))
    assert refused.code == 1
    assert "set KPI_FORGET_KEY" in refused.sentence
    assert refused.sentence.removeprefix("kpi: ") in kpi("doctor").out


@pytest.mark.usefixtures("warehouse")
def test_after_a_restore_the_doctor_says_what_to_do(kpi: Kpi, db: Connection) -> None:
    kpi("forget", USER, "--why", "asked for it")
    db.execute("TRUNCATE dqm.bt_forgotten")

    assert "Run `kpi forget --again`." in kpi("doctor").out
    assert kpi("forget", "--again").code == 0
    assert "forgotten people: 1, the ledger applied" in kpi("doctor").out


def test_a_place_that_cannot_be_searched_is_told(warehouse: Settings, kpi: Kpi) -> None:
    broken = warehouse.home / "churn" / "broken.parquet"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"PAR1")

    said = kpi("forget", USER, "--why", "asked for it")

    assert said.code == 1
    assert RAW in said.out
    assert "broken.parquet cannot be searched" in said.sentence
    assert said.sentence.endswith("Mend that, then run the same command again.")


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Name the user whom to forget: kpi forget USER --why TEXT."),
        (["1"], "Say why, for whoever reads the ledger later: --why TEXT."),
        (["1", "--lift", "--dry-run"], "are three commands: give one of them."),
        (["1", "--again"], "--again is for everybody in the ledger: give it alone."),
        (["me", "--why", "asked"], "A user is a whole number, as in user_id or CUS_CUST_ID_BUY."),
        (["7", "--why", "user 7 asked"], "may not hold the user's id. Nothing was changed."),
        (
            ["7", "--lift", "--why", "back"],
            "This user is not among the forgotten ones. Nothing was",
        ),
    ],
)
def test_what_is_missing_is_told(kpi: Kpi, arguments: list[str], sentence: str) -> None:
    said = kpi("forget", *arguments)
    assert said.code == 2
    assert sentence in said.sentence
