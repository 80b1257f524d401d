"""What a user leaves in a warehouse and a home, and the runs that leave it."""

from dataclasses import dataclass
from pathlib import Path

from flows.crypto_events.repair.rejects import dismiss
from flows.crypto_events.run import plan_run
from flows.platform.quality.great_expectations import build_data_docs
from flows.platform.storage.layout import run_log
from flows.platform.storage.object_store import put
from flows.settings import Settings
from tests.churn.churn_files import ROWS
from tests.crypto_rows import AS_OF, run_every_step

USER = 47_114_711

CRYPTO = f"""site_id,user_id,purchase_date,crypto_type,purchase_price,purchase_units
ARGENTINA,{USER},10/3/2025,BTC,20000,2
ARGENTINA,0{USER},10/3/2025,BTC,20000,2
BRASIL,{USER}.0,10/3/2025,BTC,20000,2
NOWHERE,{USER},9/3/2025,BTC,20000,2
ARGENTINA,100012,10/3/2025,BTC,20000,2
ARGENTINA,100012,9/3/2025,ETH,1000,2
"""


@dataclass(frozen=True)
class Traces:
    """Settings of a place where the user is everywhere, and the deliveries that brought them."""

    settings: Settings
    crypto: Path
    churn: Path


def run_with_bad_rows(settings: Settings) -> None:
    """Validate and publish what was delivered, dismiss a bad row, log a driver's words."""
    run = plan_run(settings, AS_OF, policy="quarantine", max_reject_share=0.9)
    run_every_step(settings, run)
    dismiss(settings, by="Ana", why=f"{USER} is a test", reason="site_id_unknown", raw_ids=[])
    build_data_docs(settings)
    log = run_log(settings, "crypto-events", run.run_id)
    log.parent.mkdir(parents=True)
    log.write_text(f"2025-03-10 | Failing row contains (ARGENTINA, {USER}, BTC)\n")
    put(settings, log)


def with_user() -> dict[str, list[str]]:
    """The small delivery, where user 3 is the user, and sells to user 1."""
    files = {name: [*rows] for name, rows in ROWS.items()}
    files["PAYMENTS"] += [f"2026-06-29,7,{USER},1.00,Instore,", f"2026-06-29,{USER},1,1.00,,"]
    for name in list(files)[1:]:
        files[name] = [
            row.replace("3,", f"{USER},", 1) if row[0] == "3" else row for row in files[name]
        ]
    return files
