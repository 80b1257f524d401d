"""A version's model as data: one JSON document with a schema, known by its SHA-256.

MLflow can also load a version by running code that it keeps with it. Whoever reaches MLflow can
put code there, so nothing here does that: the document is all that is read of a version.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, Field, ValidationError

from flows.churn.production.in_mlflow import MODEL, require_version
from flows.churn.production.kinds import BgNbd, GradientBoostedTrees, LogisticRegression, Model
from flows.errors import KpiError, count_of
from flows.platform.tracking.artifacts import artifact_errors

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

DOCUMENT = "coefficients.json"

_LARGEST = 16 * 1024 * 1024
_SHOWN = 12
_LONGEST_PLACE = 60


class _Kind(BaseModel):
    kind: Annotated[str, Field(max_length=100)] = "logistic regression"


_KINDS: dict[str, type[Model]] = {
    "logistic regression": LogisticRegression,
    "gradient-boosted trees": GradientBoostedTrees,
    "BG/NBD": BgNbd,
}


@dataclass(frozen=True)
class Document:
    """The model of a version, and the SHA-256 of the exact bytes that it was read from."""

    version: str
    sha256: str
    model: Model

    def as_promoted(self, known: str | None) -> Self:
        """Return this document; raise KpiError unless it has the SHA-256 that the ledger knows.

        None: the version was promoted before hashes were kept.
        """
        if known not in (None, self.sha256):
            raise KpiError(
                f"Version {self.version} of {MODEL} is refused: its {DOCUMENT} in MLflow "
                f"{self._differs(known)} that the promotion ledger knows. Put the file that was "
                "promoted back, restore the former version (kpi model rollback), or take this one "
                f'in as it is (kpi model accept {self.version} --why "…").'
            )
        return self

    def as_trained(self, known: str | None) -> Self:
        """Return this document; raise KpiError unless it is the one that the run trained.

        None: the run was trained before hashes were kept.
        """
        if known not in (None, self.sha256):
            raise KpiError(
                f"Version {self.version} of {MODEL} is refused: its {DOCUMENT} in MLflow "
                f"{self._differs(known)} of what this run trained. Train again."
            )
        return self

    def _differs(self, known: str | None) -> str:
        return f"has SHA-256 {self.sha256[:_SHOWN]}…, not the {(known or '')[:_SHOWN]}…"


def read_document(client: "MlflowClient", version: str) -> Document:
    """Return the model of a registered version; nothing that MLflow keeps is run.

    Raises KpiError when the version is gone, its document is, or says no model; Unavailable where
    MLflow or its store may only be away.
    """
    require_version(client, version)
    return parse_document(_download(version), version)


def parse_document(content: bytes, version: str) -> Document:
    """Return the model that the bytes hold; raise KpiError where they hold none."""
    try:
        kind = _Kind.model_validate_json(content).kind
        if kind not in _KINDS:
            raise KpiError(
                f"Version {version} of {MODEL} is refused: its {DOCUMENT} holds another kind of "
                f"model than this release can read. Known: {', '.join(_KINDS)}."
            )
        model = _KINDS[kind].model_validate_json(content)
    except ValidationError as error:
        raise KpiError(
            f"Version {version} of {MODEL} is refused: its {DOCUMENT} holds no model "
            f"({_first_of(error)}). Put the right file back, or choose another version "
            "(kpi model history)."
        ) from None
    return Document(version, sha256(content).hexdigest(), model)


def _download(version: str) -> bytes:
    from mlflow import artifacts

    what = f"Version {version} of {MODEL} does not load"
    remedy = (
        "Put its files back into MLflow's store; or delete the version in MLflow, and the next "
        "training starts without it."
    )
    with artifact_errors(what, remedy), TemporaryDirectory() as downloads:
        try:
            file = Path(
                artifacts.download_artifacts(
                    artifact_uri=f"models:/{MODEL}/{version}/artifacts/{DOCUMENT}",
                    dst_path=downloads,
                )
            )
            size = file.stat().st_size
        except FileNotFoundError as missing:
            raise KpiError(f"{what}: it has no {DOCUMENT}. {remedy}") from missing
        if size > _LARGEST:
            raise KpiError(f"{what}: its {DOCUMENT} has {count_of(size, 'byte')}, too many.")
        return file.read_bytes()


def _first_of(error: ValidationError) -> str:
    first, *more = error.errors(include_input=False, include_url=False, include_context=False)
    place = ".".join(map(str, first["loc"]))[:_LONGEST_PLACE] or "the file"
    said = f"{place}: {first['msg']}"
    return f"{said}; and {len(more):,} more" if more else said
