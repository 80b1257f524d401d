"""What was delivered is in the warehouse, and in nothing that a run tells of itself."""

import pytest

from flows.platform.storage.layout import run_log
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import AS_OF, add_rows
from tests.flow_runs import run_crypto_events
from tests.webhook import Webhook

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

CELL, USER = "canary-cell", 47_114_711


@pytest.mark.parametrize("policy", ["abort", "quarantine"])
def test_bad_cells_are_told_by_rule_and_number(
    policy: str, quick: Settings, db: Connection, hook: Webhook
) -> None:
    good = [{"user_id": str(number)} for number in range(30)]
    add_rows(db, *good, {"site_id": CELL, "user_id": str(USER)}, {"user_id": CELL})

    ended = run_crypto_events(as_of=AS_OF, policy=policy, generate=False, max_reject_share=0.5)

    assert ended.failed is (policy == "abort")
    for told in (ended.everything, "\n".join(hook.texts)):
        assert CELL not in told
        assert str(USER) not in told
    # The search finds what is there.
    assert "site_id_unknown" in ended.everything
    assert hook.texts


def test_the_databases_own_words_stay_in_the_runs_log(
    quick: Settings, db: Connection, hook: Webhook
) -> None:
    add_rows(db, {"user_id": str(USER)})
    db.execute(f"ALTER TABLE prod.bt_crypto_events ADD CHECK (user_id <> {USER})".encode())

    ended = run_crypto_events(as_of=AS_OF, generate=False)

    assert ended.failed
    assert "CheckViolation (23514, prod, bt_crypto_events_2025_03, " in ended.message
    for told in (ended.everything, "\n".join(hook.texts)):
        assert str(USER) not in told
    log = run_log(quick, "crypto-events", str(ended.flow_run.id)).read_text(encoding="utf-8")
    assert f"Failing row contains (2025-03-10, ARGENTINA, {USER}" in log
