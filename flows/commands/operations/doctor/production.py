"""Production: whether MLflow and the promotion ledger name the same version, and mean the same."""

from collections.abc import Iterator

from psycopg import errors

from flows.churn.production.document import read_document
from flows.churn.production.in_mlflow import has_registry
from flows.churn.production.truth import look
from flows.churn.production.verdict import Verdict
from flows.errors import KpiError
from flows.local.postgres.shared import running_warehouse
from flows.platform.tracking.client import mlflow_client
from flows.platform.warehouse.errors import warehouse_errors
from flows.settings import load_settings


def production() -> Iterator[str]:
    """Check that stage, alias and ledger agree, and that the model is known; change nothing."""
    settings = load_settings()
    if not has_registry(settings):
        yield "Production: none, nothing was trained yet"
        return
    try:
        with running_warehouse(settings) as running, warehouse_errors():
            found = look(running)
    except KpiError as error:
        if not isinstance(error.__cause__, errors.UndefinedTable | errors.UndefinedColumn):
            raise
        yield "Production: compared when the next run has brought the warehouse up to date"
        return
    if found.difference:
        raise KpiError(f"{found.difference.fact} {found.difference.next}")
    if found.production:
        read_document(mlflow_client(settings), found.production).as_promoted(found.sha256)
    yield _agreed(found)


def _agreed(found: Verdict) -> str:
    version = f"version {found.production}" if found.production else "none"
    if found.production and found.sha256 is None:
        version += " (the next training, scoring or rollback records its SHA-256)"
    by_hand = found.last and found.last.action in (
        "accepted",
        "promoted by hand",
        "archived by hand",
        "taken back",
    )
    told = f", {found.last.action} (kpi model history)" if found.last and by_hand else ""
    return f"Production: {version}, as MLflow's stage, its alias and the ledger say{told}"
