"""The one place that knows where files for people are kept."""

from pathlib import Path

from flows.settings import Settings


def artifacts_folder(settings: Settings) -> Path:
    """Folder with one subfolder per bucket."""
    return settings.home / "artifacts"


def great_expectations_folder(settings: Settings) -> Path:
    """Folder `ge-artifacts`: `validations/` and `data_docs/`."""
    return artifacts_folder(settings) / "ge-artifacts"


def run_results(settings: Settings) -> Path:
    """Folder of flow run results, `results` in the runs bucket."""
    return artifacts_folder(settings) / settings.s3.runs_bucket / "results"


def run_log(settings: Settings, flow: str, run_id: str) -> Path:
    """The log of a flow run, `logs/<flow>/<run_id>.log` in the runs bucket."""
    return artifacts_folder(settings) / settings.s3.runs_bucket / "logs" / flow / f"{run_id}.log"


def data_docs_index(settings: Settings) -> Path:
    """First page of the Data Docs."""
    return great_expectations_folder(settings) / "data_docs" / "index.html"


def lineage_folder(settings: Settings) -> Path:
    """Folder of the events of lineage, a file for each month, where nobody else takes them."""
    return settings.home / "lineage"


def embedded_server_folder(settings: Settings) -> Path:
    """Folder of the embedded PostgreSQL server: its data, its password and its log."""
    return settings.home / "postgres"


def prefect_home(settings: Settings) -> Path:
    """Folder for Prefect's own state (its SQLite database when no server is used)."""
    return settings.home / "prefect"


def mlflow_home(settings: Settings) -> Path:
    """Folder for MLflow's database and artifacts when no MLflow server is used."""
    return settings.home / "mlflow"
