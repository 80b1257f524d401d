"""What a scoring leaves for people in Prefect, read back from the warehouse."""

from flows.churn.run import ChurnRun
from flows.platform.orchestration.tasks import Report
from flows.platform.warehouse.connection import execute, transaction
from flows.settings import Settings


def report_scores(settings: Settings, run: ChurnRun) -> list[Report]:
    """Table: how many users have which probability of churn."""
    with transaction(settings, "report") as connection:
        rows = execute(connection, "churn/model/scores_of_day.sql", {"as_of": run.as_of}).fetchall()
    return [Report("table", "churn-scores", f"Scores {run}", [dict(row) for row in rows])]
