"""Runs that were deleted in MLflow, which keeps them until it is told to forget them.

MLflow's own command, `mlflow gc`, needs its database, and removes every deleted experiment as
well. The server of this platform forgets the runs that it is asked to, and nothing else.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flows.errors import KpiError
from flows.platform.tracking.client import tracking_uri
from flows.settings import Settings

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

PATH = "/kpi/deleted-runs"

_AT_ONCE = 100
_OK, _NO_SUCH_PATH = 200, (404, 405)
_UNKNOWN = "RESOURCE_DOES_NOT_EXIST"


def deleted_runs_route() -> "Route":
    """Return what the server answers with: GET says that it can, POST forgets `run_ids`."""
    from starlette.routing import Route

    return Route(PATH, _answer, methods=["GET", "POST"])


async def _answer(request: "Request") -> "JSONResponse":
    from anyio.to_thread import run_sync
    from mlflow.server import handlers
    from starlette.responses import JSONResponse

    if request.method == "GET":
        return JSONResponse({})
    try:
        run_ids = [str(each) for each in (await request.json())["run_ids"]]
    except (KeyError, TypeError, ValueError):
        return JSONResponse({"detail": "run_ids is a list of runs."}, status_code=422)
    forgotten = await run_sync(_forget, handlers._get_tracking_store(), run_ids)
    return JSONResponse({"forgotten": forgotten})


def can_forget(settings: Settings) -> bool:
    """Return whether MLflow forgets what it is asked to: its database is here, or its server ours.

    Raises KpiError when the server does not answer.
    """
    return _is_database(settings) or _ask(settings, "GET") is not None


def forget_deleted_runs(settings: Settings, run_ids: list[str]) -> int:
    """Let MLflow forget these runs, with their models, where they are deleted; return how many.

    Their files are not its matter. Raises KpiError when MLflow refuses, or cannot do it.
    """
    forgotten = 0
    for first in range(0, len(run_ids), _AT_ONCE):
        some = run_ids[first : first + _AT_ONCE]
        if _is_database(settings):
            forgotten += _forget(_store(settings), some)
            continue
        answer = _ask(settings, "POST", json={"run_ids": some})
        if answer is None:
            raise KpiError("MLflow's server is none of this platform's, and forgets no runs.")
        forgotten += int(answer["forgotten"])
    return forgotten


def _is_database(settings: Settings) -> bool:
    from mlflow.store.db.db_types import DATABASE_ENGINES

    return tracking_uri(settings).partition(":")[0].partition("+")[0] in DATABASE_ENGINES


def _store(settings: Settings) -> Any:
    from mlflow.tracking._tracking_service.utils import _get_store

    return _get_store(tracking_uri(settings))


def _ask(settings: Settings, method: str, **body: Any) -> Any:
    """Return the answer of MLflow's server; None when it has no such path, or is no such server."""
    if not tracking_uri(settings).startswith(("http://", "https://")):
        return None
    # As MLflow's own client asks: with its login, retries and certificates.
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    answer = http_request(get_default_host_creds(tracking_uri(settings)), PATH, method, **body)
    if answer.status_code in _NO_SUCH_PATH:
        return None
    if answer.status_code != _OK:
        raise KpiError(f"MLflow's server forgets no runs ({answer.status_code}): look at its log.")
    return answer.json()


def _forget(store: Any, run_ids: Iterable[str]) -> int:
    """Remove what the store knows of these runs and of their models, if they are deleted."""
    from mlflow.entities import LifecycleStage
    from mlflow.exceptions import MlflowException

    models: dict[str, list[str]] = {}
    for model_id in store._get_deleted_logged_models():
        model = store.get_logged_model(model_id, allow_deleted=True)
        models.setdefault(model.source_run_id or "", []).append(model_id)
    forgotten = 0
    for run_id in run_ids:
        try:
            run = store.get_run(run_id)
        except MlflowException as error:
            if error.error_code != _UNKNOWN:
                raise
            continue  # forgotten before
        if run.info.lifecycle_stage != LifecycleStage.DELETED:
            continue
        # The run last: it is what a killed process leaves to find.
        for model_id in models.get(run_id, ()):
            store._hard_delete_logged_model(model_id)
        store._hard_delete_run(run_id)
        forgotten += 1
    return forgotten
