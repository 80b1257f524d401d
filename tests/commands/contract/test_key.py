"""`kpi contract adopt-key` says what it did, and what comes next."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.contracts.keys import contract_with
from tests.crypto_rows import add_rows, publish

Kpi = Callable[..., Any]


@pytest.mark.usefixtures("warehouse")
def test_the_table_gets_the_contracts_key(
    kpi: Kpi, settings: Settings, db: Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_rows(db, {}, {"crypto_type": "ETH"})
    publish(settings)
    assert kpi("contract", "adopt-key").out == (
        "The key of prod.bt_crypto_events is purchase_date, user_id, site_id, crypto_type already; "
        "nothing was changed.\n"
    )
    contract = contract_with(tmp_path, "newest", ("user_id", "purchase_date"))
    monkeypatch.setenv("KPI_CRYPTO__CONTRACT", str(contract))
    assert "`kpi contract adopt-key`" in kpi("plan", "--as-of", "2025-03-10").sentence
    assert kpi("contract", "adopt-key").out == (
        "The key of prod.bt_crypto_events was crypto_type, purchase_date, site_id, user_id, and is "
        "purchase_date, user_id. Of rows that share it, 1 row went to "
        "dqm.bt_crypto_events_of_other_keys. Next, publish each day by it: "
        "kpi backfill --from 2025-03-10 --to 2025-03-10\n"
    )
    monkeypatch.delenv("KPI_CRYPTO__CONTRACT")
    assert "1 row came back from there." in kpi("contract", "adopt-key").out
