"""Why a training began, for the ledger: what asked for one since the last was judged."""

from flows.churn.run import ChurnRun
from flows.platform.warehouse.connection import execute, transaction
from flows.settings import Settings


def asked_for(settings: Settings, run: ChurnRun) -> list[str]:
    """Return a sentence for each of them; nothing for a training that somebody began by hand."""
    with transaction(settings, "asked_for") as connection:
        rows = execute(
            connection,
            "churn/production/asked_for.sql",
            {
                "run_id": run.run_id,
                "weeks": settings.churn.drift_weeks,
                "drifted": settings.churn.drift_weeks_to_retrain,
            },
        ).fetchall()
    return [f"asked for: {row['why'].rstrip('.')}" for row in rows]
