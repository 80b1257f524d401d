"""MLflow's server as this platform serves it: to its own pages and to programs, nobody else."""

import os
from importlib import import_module

from flows.errors import BadInput
from flows.lazy_imports import quick_imports
from flows.own_pages import Application, OwnPages
from flows.platform.tracking.database import NOT_LOGGED
from flows.platform.tracking.deleted_runs import deleted_runs_route

STORE = "MLFLOW_BACKEND_STORE_URI"
FILES = "MLFLOW_ARTIFACTS_DESTINATION"
HOSTS = "MLFLOW_SERVER_ALLOWED_HOSTS"
ORIGINS = "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS"


def create_app() -> Application:
    """Return what `mlflow server` serves in its one worker, for uvicorn's `--factory`.

    Its own variables say where runs and files are kept, and who may ask: names with ports, or `:*`
    for any, and the addresses of its pages. Raises BadInput when one of them is not set.
    """
    for name in (STORE, FILES, HOSTS, ORIGINS):
        if not os.environ.get(name):
            raise BadInput(f"{name} is empty: the environment of MLflow's server has it.")
    hosts = [each.strip().partition(":")[0] for each in os.environ[HOSTS].split(",")]
    addresses = [each.strip() for each in os.environ[ORIGINS].split(",")]
    return OwnPages(served(os.environ[STORE], through_it=os.environ[FILES]), hosts, addresses)


def served(
    store: str, *, through_it: str | None = None, artifacts: str | None = None
) -> Application:
    """Return MLflow's own application, on a store of runs and models, and who forgets runs.

    Files go `through_it` to a place that clients do not reach, or clients reach them at
    `artifacts` themselves.
    """
    root = artifacts or "mlflow-artifacts:/"
    with quick_imports(absent=NOT_LOGGED):
        # MLflow checks whether it is imported before it adds its security middleware.
        import_module("uvicorn")
        from mlflow.server import constants, handlers

        os.environ |= {
            constants.BACKEND_STORE_URI_ENV_VAR: store,
            constants.REGISTRY_STORE_URI_ENV_VAR: store,
            constants.ARTIFACT_ROOT_ENV_VAR: root,
        }
        if through_it:
            os.environ |= {
                constants.SERVE_ARTIFACTS_ENV_VAR: "true",
                constants.ARTIFACTS_DESTINATION_ENV_VAR: through_it,
            }
        from mlflow.server.fastapi_app import app
    handlers.initialize_backend_stores(store, store, root)
    # Before its own, which take every path.
    app.router.routes.insert(0, deleted_runs_route())
    application: Application = app
    return application
