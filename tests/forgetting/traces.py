"""What a user leaves in a warehouse and a home, and the runs that leave it."""

import json
import logging
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from flows.churn.promotion.approval import Approval, save_approval
from flows.contracts.producers.read import read_producer
from flows.crypto_events.landing.ingest import Ingested, ingest
from flows.crypto_events.repair.rejects import dismiss
from flows.crypto_events.run import plan_run
from flows.log_lines import log_formatter
from flows.platform.orchestration.startup.database import laid_out_database
from flows.platform.pipeline.run import Run
from flows.platform.quality.great_expectations import build_data_docs
from flows.platform.storage.layout import prefect_home, run_log, run_results
from flows.platform.storage.object_store import put
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.churn.churn_files import ROWS
from tests.crypto_rows import AS_OF, run_every_step

USER = 47_114_711

CRYPTO = f"""site_id,user_id,purchase_date,crypto_type,purchase_price,purchase_units
ARGENTINA,{USER},10/3/2025,BTC,20000,2
ARGENTINA,0{USER},10/3/2025,BTC,20000,2
ARGENTINA,{USER},10/3/2025,BTC,30000,2
BRASIL,{USER}.0,10/3/2025,BTC,20000,2
NOWHERE,{USER},9/3/2025,BTC,20000,2
ARGENTINA,BTC,10/3/2025,{USER},20000,2
ARGENTINA,100012,10/3/2025,BTC,20000,2
ARGENTINA,100012,9/3/2025,ETH,1000,2
"""

# A shop's file names who bought, and who told them to: the user, in a row of somebody else's too.
SHOP = """kind: Producer
contract: bt_crypto_events
file: {dateFormat: dd.MM.yyyy}
columns: {user_id: buyer, purchase_date: day, crypto_type: coin, purchase_price: price,
  purchase_units: units}
constants: {site_id: MEXICO}
keep: [told_by, receipt]
"""
SHOPS_ROWS = f"""buyer,day,coin,price,units,told_by,receipt
{USER},08.03.2025,BTC,20000,2,100012,a-1
100012,08.03.2025,BTC,20000,2,user {USER},a-2
100012,08.03.2025,ETH,1000,1,,a-3
"""


@dataclass(frozen=True)
class Traces:
    """Settings of a place where the user is everywhere, and the deliveries that brought them."""

    settings: Settings
    crypto: Path
    churn: Path
    shop: Path


def deliver_shop(settings: Settings, file: Path) -> Ingested:
    """Deliver the shop's rows as its producer's file says, which lies beside them."""
    file.write_text(SHOPS_ROWS, encoding="utf-8")
    producer = file.with_suffix(".yaml")
    producer.write_text(SHOP, encoding="utf-8")
    return ingest(settings, file, "append", producer=read_producer(producer))


def run_with_bad_rows(settings: Settings) -> None:
    """Validate and publish what was delivered, dismiss a bad row, log a driver's words."""
    run = plan_run(settings, AS_OF, policy="quarantine", max_reject_share=0.9)
    run_every_step(settings, run)
    dismiss(
        settings,
        by=f"Ana for {USER}",
        why=f"{USER} is a test",
        reason="site_id_unknown",
        raw_ids=[],
    )
    build_data_docs(settings)
    log = run_log(settings, "crypto-events", run.run_id)
    log.parent.mkdir(parents=True)
    bug = logging.makeLogRecord({"msg": f'Failing row\nCOPY, line 1: "ARGENTINA\t{USER}\tBTC"'})
    lines = [log_formatter(kind, logging.Formatter()).format(bug) for kind in ("text", "json")]
    log.write_text("\n".join(lines))
    put(settings, log)


LOGS = ("platform/logs/app.log", "platform/logs/app.log.1")
COPIES = (
    "duckdb/tmpa/in UTF-8",
    "duckdb/tmpa/table",
    "duckdb/tmpb/duckdb_temp_block-1.block",
    "scratch/tmpa/scores.csv",
    "spark/local/blockmgr-1/0d/temp_shuffle_1",
    "churn/runs/scoring/outcomes-a/scores.csv",
)


def leave(settings: Settings, *names: str) -> None:
    """Leave rows with the user and without a header in files of the home."""
    for name in names:
        path = settings.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{USER},0.5\n")


def leave_with_prefect(settings: Settings) -> None:
    """Leave a driver's words where Prefect keeps some; `PREFECT_HOME` is the home's."""
    words = f'could not create unique index "x"\nDETAIL:  Key (user_id)=({USER}) is duplicated.'
    result = {"__exc_type__": "psycopg.errors.UniqueViolation", "message": words}
    run_results(settings).mkdir(parents=True, exist_ok=True)
    (run_results(settings) / "ae6e613f").write_text(
        json.dumps({"serializer": {"type": "json"}, "data": json.dumps(result)})
    )
    prefect_home(settings).mkdir()
    with laid_out_database(), closing(sqlite3.connect(prefect_home(settings) / "prefect.db")) as db:
        db.execute(
            "INSERT INTO log (id, name, level, message, timestamp) VALUES ('1', 'x', 40, ?, 'now')",
            [words],
        )
        db.execute(
            "INSERT INTO flow_run (id, name, flow_id) VALUES ('1', 'x', '1')",
        )
        db.execute(
            "INSERT INTO flow_run_state (id, type, name, message, flow_run_id)"
            " VALUES ('1', 'FAILED', 'Failed', ?, '1')",
            [words],
        )
        db.commit()


def decide_because_of_the_user(settings: Settings, db: Connection) -> None:
    """Leave a person's reasons in the ledger of promotions, and in an answer about one."""
    for version, reasons in enumerate(([f"{USER} asked"], ["better", f"approved: {USER} asked"])):
        db.execute(
            "INSERT INTO dqm.bt_churn_promotions (action, version, run_id, decided_by, reasons)"
            " VALUES (%s, %s, %s, %s, %s)",
            [("accepted", "promoted")[version], version, version, f"Ana for {USER}", reasons],
        )
    answer = Approval("1", approved=True, by="Ana", why=f"{USER} asked")
    save_approval(settings, Run(as_of=AS_OF, run_id="scoring"), answer)


def with_user() -> dict[str, list[str]]:
    """The small delivery, where user 3 is the user, and sells to user 1."""
    files = {name: [*rows] for name, rows in ROWS.items()}
    files["PAYMENTS"] += [f"2026-06-29,7,{USER},1.00,Instore,", f"2026-06-29,{USER},1,1.00,,"]
    for name in list(files)[1:]:
        files[name] = [
            row.replace("3,", f"{USER},", 1) if row[0] == "3" else row for row in files[name]
        ]
    return files
