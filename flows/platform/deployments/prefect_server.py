"""Prefect's server as this platform serves it: to its own pages and to programs, nobody else."""

import os

from flows.lazy_imports import quick_imports
from flows.own_pages import Application, OwnPages
from flows.platform.deployments.forget_route import answer_for_people
from flows.platform.deployments.old_logs_route import answer_for_old_logs
from flows.settings import load_settings


def create_app() -> Application:
    """Return what `prefect server start` serves, for uvicorn's `--factory`.

    It also removes logs, and forgets people.
    """
    address = os.environ.get("PREFECT_UI_URL")
    # By default, any page may read its answers, and its own pages ask under one name alone.
    os.environ.setdefault("PREFECT_SERVER_CORS_ALLOWED_ORIGINS", address or "")
    os.environ.setdefault("PREFECT_UI_API_URL", "/api")
    # Who writes brings a token, which only its own pages and programs can read.
    os.environ["PREFECT_SERVER_CSRF_PROTECTION_ENABLED"] = "true"
    with quick_imports():
        from prefect.server.api import server
        from prefect.server.api.middleware import CsrfMiddleware

        application = server.create_app()
    answer_for_old_logs(application)
    answer_for_people(application)
    # Its automations ask inside of it and bring no token, so that is asked for at the door alone.
    within = application.user_middleware
    application.user_middleware = [each for each in within if each.cls is not CsrfMiddleware]
    return OwnPages(CsrfMiddleware(application), load_settings().allowed_hosts, [address])
