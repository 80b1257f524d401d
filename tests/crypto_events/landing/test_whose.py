"""Whose a row is: by its user, or by another cell where its user is no number."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.crypto_events.landing.ingest import ingest
from flows.crypto_events.landing.whose import Whose
from flows.crypto_events.run import plan_run
from flows.forgetting.forget import forget
from flows.platform.forgetting.people import People
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from flows.settings.crypto_events import CryptoSettings
from tests.crypto_rows import AS_OF, run_every_step
from tests.forgetting.kept import tables
from tests.forgetting.traces import USER

COLUMNS = (
    "site_id",
    "user_id",
    "purchase_date",
    "crypto_type",
    "purchase_price",
    "purchase_units",
)


@pytest.mark.parametrize(
    ("row", "is_theirs"),
    [
        ("ARGENTINA,7,10/3/2025,BTC,20000,2", True),
        ("ARGENTINA,BTC,10/3/2025,7,20000,2", True),
        ("7,10/3/2025,BTC,20000,2,ARGENTINA", True),
        ("ARGENTINA,,7,BTC,20000,2", True),
        ("ARGENTINA,BTC,10/3/2025,user 007,20000,2", True),
        # A site may be called 7: this is a row of user 8, and stays theirs.
        ("7,8,10/3/2025,BTC,20000,2", False),
        ("ARGENTINA,,10/3/2025,BTC,7,7", False),
        ("ARGENTINA,,10/3/2025, 7UP ,20000,2", False),
        ("ARGENTINA,,7/7/2025,BTC,20000,2", False),
    ],
)
def test_a_number_where_none_belongs_is_a_user(row: str, is_theirs: bool) -> None:
    whose = Whose(People("7"), COLUMNS, CryptoSettings(crypto_types=("BTC", "7UP")))
    assert whose.is_theirs(row.split(",")) is is_theirs


def test_a_number_in_a_row_of_somebody_else_stays(
    make_settings: Callable[..., Settings], db: Connection, tmp_path: Path
) -> None:
    settings = make_settings(first_year=2020, last_year=2030)
    file = tmp_path / "evening.csv"
    rows = [f"ARGENTINA,100012,10/3/2025,BTC,{USER},2", f"{USER},100012,10/3/2025,BTC,20000,2"]
    rows += [f"ARGENTINA,,10/3/2025,BTC,{USER},2"]
    file.write_text("\n".join([",".join(COLUMNS), *rows, ""]))
    ingest(settings, file, "append")
    run_every_step(settings, plan_run(settings, AS_OF, policy="quarantine", max_reject_share=0.9))
    before = set(tables(db, USER))

    # A sample in the results of a validation says not whose it was.
    done = forget(settings, str(USER), why="asked for it", by="Ana")
    assert [trace.place for trace in done.traces] == ["ge-artifacts/validations"]

    assert set(tables(db, USER)) == before
    assert ingest(settings, file, "append").rows_forgotten == 0
