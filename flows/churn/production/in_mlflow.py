"""Which version MLflow says is Production, by stage and by alias, and how both are set."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.errors import KpiError, Unavailable, first_line
from flows.platform.storage.layout import mlflow_home
from flows.platform.tracking.artifacts import artifact_errors
from flows.platform.tracking.away import mlflow_is_away
from flows.quiet import without_warnings
from flows.settings import Settings

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

MODEL = "churn-model"
STAGE = "Production"
ALIAS = "production"

_ARCHIVED = "Archived"
_GONE = "RESOURCE_DOES_NOT_EXIST"


@dataclass(frozen=True)
class InMlflow:
    """The versions that there are, those in stage Production, and the one of the alias."""

    versions: frozenset[str] = frozenset()
    in_stage: frozenset[str] = frozenset()
    alias: str | None = None

    @property
    def stage(self) -> str | None:
        """The version that `models:/churn-model/Production` resolves to."""
        return max(self.in_stage, key=int, default=None)

    def says(self, version: str | None) -> bool:
        """Return whether stage and alias name this version, and no other; None: no version."""
        return self.in_stage == ({version} if version else set()) and self.alias == version


def is_gone(error: BaseException) -> bool:
    """Return whether MLflow says that something is not there; else it only could not say."""
    return getattr(error, "error_code", None) == _GONE


@contextmanager
def mlflow_answers(what: str) -> Iterator[None]:
    """Turn what MLflow raises when it cannot say into Unavailable, which begins with `what`."""
    from mlflow.exceptions import MlflowException
    from requests.exceptions import RequestException

    try:
        yield
    except (MlflowException, RequestException) as error:
        if away := mlflow_is_away(error):
            raise Unavailable(f"{what}: {away}") from error
        reason = first_line(error).rstrip(".")
        raise Unavailable(f"{what}: {reason}. Run again once MLflow answers.") from error


def has_registry(settings: Settings) -> bool:
    """Return whether there is an MLflow to ask: a client would create a database in the home."""
    return bool(settings.mlflow_tracking_uri) or (mlflow_home(settings) / "mlflow.db").exists()


def read_mlflow(client: "MlflowClient") -> InMlflow:
    """Return what MLflow says now; nothing where the model is not registered.

    Raises KpiError when MLflow does not let us see it, Unavailable when that may pass.
    """
    from mlflow.exceptions import MlflowException

    with artifact_errors("MLflow does not say what is Production", "Look into its server's log."):
        try:
            aliases = client.get_registered_model(MODEL).aliases
        except MlflowException as error:
            if is_gone(error):
                return InMlflow()
            raise
        found = client.search_model_versions(f"name = '{MODEL}'")
    return InMlflow(
        versions=frozenset(str(each.version) for each in found),
        in_stage=frozenset(str(each.version) for each in found if each.current_stage == STAGE),
        alias=str(aliases[ALIAS]) if ALIAS in aliases else None,
    )


def set_in_mlflow(client: "MlflowClient", version: str | None) -> None:
    """Let stage and alias name this version alone; None: no version.

    `models:/churn-model/Production` and `models:/churn-model@production` then resolve to it, and
    the former is archived. Calling it again after an interruption completes it. Raises KpiError
    when the version is gone.
    """
    from mlflow.exceptions import MlflowException

    try:
        # Stages are deprecated, but people's dashboards read them.
        with without_warnings(FutureWarning):
            if version is None:
                _leave_empty(client)
                return
            client.transition_model_version_stage(
                MODEL, version, STAGE, archive_existing_versions=True
            )
        client.set_registered_model_alias(MODEL, ALIAS, version)
    except MlflowException as error:
        if not is_gone(error):
            raise
        raise version_is_gone(version or "?") from error


def has_version(client: "MlflowClient", version: str) -> bool:
    """Return whether the version is in MLflow still."""
    from mlflow.exceptions import MlflowException

    try:
        client.get_model_version(MODEL, version)
    except MlflowException as error:
        if not is_gone(error):
            raise
        return False
    return True


def require_version(client: "MlflowClient", version: str) -> None:
    """Raise KpiError when the version is not in MLflow any more."""
    if not has_version(client, version):
        raise version_is_gone(version)


def version_is_gone(version: str) -> KpiError:
    """Return the error for a version that somebody deleted."""
    return KpiError(f"Version {version} of {MODEL} is not in MLflow any more.")


def _leave_empty(client: "MlflowClient") -> None:
    now = read_mlflow(client)
    for version in sorted(now.in_stage):
        client.transition_model_version_stage(MODEL, version, _ARCHIVED)
    if now.alias is not None:
        client.delete_registered_model_alias(MODEL, ALIAS)
