"""How datasets, jobs and runs are named for others, after OpenLineage's naming rules."""

import os
from functools import lru_cache
from uuid import UUID, uuid5

from psycopg.conninfo import conninfo_to_dict

from flows.platform.pipeline.declaration import Dataset, Pipeline, Step
from flows.platform.pipeline.run import Run
from flows.platform.storage.layout import artifacts_folder
from flows.platform.warehouse.connection import database_url
from flows.settings import Settings

_RUNS = UUID("5b1d6c1e-6f0e-4f3a-8d57-3c8d0f6f5a10")


def job_namespace() -> str:
    """Return the namespace of our jobs, which the client's own variable may set."""
    return os.environ.get("OPENLINEAGE_NAMESPACE") or "kpi"


def job_name(pipeline: Pipeline, step: Step | None) -> str:
    """Return the name of the pipeline's job, or of the step's."""
    return f"{pipeline.name}.{step.name}" if step else pipeline.name


def lineage_run_id(run: Run, step: Step | None = None) -> str:
    """Return the run's id as the UUID that the standard asks for, the same whoever asks.

    The id of a Prefect run is one already. A step's is made from its run's.
    """
    try:
        whole = UUID(run.run_id)
    except ValueError:
        whole = uuid5(_RUNS, run.run_id)
    return str(uuid5(whole, step.name) if step else whole)


def dataset_name(settings: Settings, run: Run, dataset: Dataset) -> tuple[str, str]:
    """Return the dataset's namespace and name; neither holds a password."""
    if dataset.kind == "table":
        where, database = _server(database_url(settings))
        return where, f"{database}.{dataset.name}"
    if dataset.kind == "model":
        return "mlflow", dataset.name
    if dataset.kind == "delivery":
        return "file", str(vars(run)["source"] / dataset.name)
    if dataset.kind == "file":
        return "file", str(settings.home / dataset.name)
    bucket, _, key = dataset.name.partition("/")
    if settings.storage == "s3":
        return f"s3://{settings.s3.bucket_prefix}{bucket}", key
    return "file", str(artifacts_folder(settings) / dataset.name)


@lru_cache(maxsize=4)
def _server(address: str) -> tuple[str, object]:
    """Return a server's namespace, and its database; kept, because every dataset asks."""
    url = conninfo_to_dict(address)
    where = f"postgres://{url.get('host') or 'localhost'}:{url.get('port') or 5432}"
    return where, url.get("dbname") or url.get("user")
