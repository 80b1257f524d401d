"""The work pool, without which no run starts: of which type it is, and what its jobs look like."""

from importlib.util import find_spec
from typing import Any

from flows.errors import BadInput, KpiError
from flows.paths import REPOSITORY
from flows.platform.deployments.declared import WORK_POOL
from flows.platform.storage.atomic_files import read_json
from flows.settings import Settings

PROCESS = "process"

# Prefect's package with the worker of each other type, as far as Prefect 2 goes.
_PACKAGES = {"docker": "prefect-docker<0.6", "kubernetes": "prefect-kubernetes<0.5"}
_PARTS = ("job_configuration", "variables")


def job_template(settings: Settings) -> dict[str, Any] | None:
    """Return the base job template of the work pool; None for Prefect's own, of processes.

    Raises BadInput for a file that is none.
    """
    file = settings.prefect_job_template
    if file is None:
        if settings.prefect_work_pool_type == PROCESS:
            return None
        file = REPOSITORY / f"deployments/work_pools/{settings.prefect_work_pool_type}.json"
    try:
        template = read_json(file)
    except (OSError, ValueError) as error:
        raise BadInput(
            f"KPI_PREFECT_JOB_TEMPLATE is {file}, which cannot be read as JSON ({error})."
        ) from None
    if not isinstance(template, dict) or not all(part in template for part in _PARTS):
        raise BadInput(
            f"{file} is no base job template: it needs {' and '.join(_PARTS)}, as "
            "`prefect work-pool get-default-base-job-template` prints them."
        )
    return template


def require_type(pool: dict[str, Any], wanted: str) -> None:
    """Raise KpiError when the server's pool is of another type, which Prefect cannot change."""
    if pool["type"] != wanted:
        raise KpiError(
            f"The work pool {WORK_POOL} is of type {pool['type']} on the Prefect server, and "
            f"KPI_PREFECT_WORK_POOL_TYPE is {wanted}. Let its runs end, delete it with "
            f"`prefect work-pool delete {WORK_POOL}`, and deploy again. Nothing was changed."
        )


def require_worker(kind: str) -> None:
    """Raise KpiError when the package with this type's worker is not installed."""
    if kind == PROCESS:
        return
    package = _PACKAGES.get(kind)
    if package is None:
        raise KpiError(
            f"The work pool {WORK_POOL} is of type {kind}, whose workers `kpi worker` does not "
            f"know: start Prefect's own with `prefect worker start --pool {WORK_POOL}`."
        )
    if find_spec(package.partition("<")[0].replace("-", "_")) is None:
        raise KpiError(
            f"The work pool {WORK_POOL} is of type {kind}, and its worker is not installed here: "
            f"pip install '{package}' in the environment of kpi, then start the worker again."
        )


def pool_is_gone() -> str:
    """Return the beginning of the sentence: what is missing where, and what brings it back."""
    from prefect.settings import PREFECT_API_URL

    return (
        f"The Prefect server at {PREFECT_API_URL.value()} has no work pool {WORK_POOL}, and no "
        "deployment runs without it: make it and them anew with `kpi deploy`"
    )
