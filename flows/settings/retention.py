"""How long each class of data is kept."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class RetentionSettings(BaseModel):
    """Days, by class of data, and whether what is older is removed or only told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Literal["dry-run", "prune"] = "dry-run"
    """What the daily run does: tell what it would remove, or remove it."""
    batch_rows: int = Field(50_000, ge=1)
    """Rows that one transaction removes."""

    raw_days: int = Field(1095, ge=1)
    """Raw rows, from their purchase and their arrival, once they are published, dismissed, or
    rejected and resolved. Published events stay for good."""
    replaced_days: int = Field(365, ge=1)
    """Raw rows that a later delivery replaced, from then on."""
    rejects_days: int = Field(365, ge=1)
    """Rejects, from when they were resolved; open ones stay."""
    dismissals_days: int = Field(1095, ge=1)
    """Dismissals of which no raw row is left, from when they were made."""
    runs_days: int = Field(1095, ge=1)
    """Runs, verdicts, deliveries, lineage, looks at source files and what retention did; never
    fewer than `KPI_RETENTION__RAW_DAYS`."""
    scores_days: int = Field(730, ge=1)
    """Churn scores, by whole months, and with them whether they were right and whom campaigns
    contacted because of them; the month that was scored last stays."""
    drift_days: int = Field(730, ge=1)
    """Measures of drift, and the weekly snapshots that later weeks are compared with."""
    drift_reports_days: int = Field(180, ge=1)
    """Pages of drift reports, of some megabytes each."""
    validations_days: int = Field(180, ge=1)
    """Results of Great Expectations; those that Data Docs list stay."""
    results_days: int = Field(90, ge=1)
    """Results and logs of flow runs, and the log of the embedded server."""
    prefect_days: int = Field(90, ge=1)
    """Ended flow runs of Prefect, with their artifacts, and its logs."""
    mlflow_days: int = Field(365, ge=1)
    """Versions in MLflow that were never Production and scored nobody that is kept, and runs
    without a version, deleted ones as well."""
    airflow_logs_days: int = Field(90, ge=1)
    """Objects of the bucket `airflow-logs`, which the object store itself removes where the mode
    is `prune`; in containers also what Airflow's database keeps of runs."""
