"""A person in MLflow: rows of SHAP, input examples, typical users, tables of other experiments.

The model stays as it is: it holds coefficients of all users. The next training is without them.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.churn.folders import churn_run_folder
from flows.churn.model.logged.registry import EXPERIMENT
from flows.churn.model.training_users import TRAINING_USERS
from flows.forgetting.feature_vectors import Vector, is_one_of, vectors_of
from flows.forgetting.tables import forget_in_csv, forget_in_parquet
from flows.forgetting.trace import Trace
from flows.platform.compute.spill import scratch_folder
from flows.platform.forgetting.parquet_rows import without_people
from flows.platform.forgetting.people import People
from flows.platform.storage.layout import mlflow_home
from flows.platform.tracking.artifacts import artifact_errors
from flows.platform.tracking.client import mlflow_client
from flows.platform.tracking.files import TrackedFile, files_in
from flows.settings import Settings

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

_SHAP = "shap_values.parquet"
_EXAMPLES = ("input_example.json", "serving_input_example.json")
_ASIDE = ("spark_model",)  # Spark's own files hold coefficients alone
_TABLES = {".parquet": forget_in_parquet, ".csv": forget_in_csv}
_CHANGED = "kpi.changed_by_forgetting"
_RUN = "kpi.run_id"


@dataclass(frozen=True)
class _TrainingFiles:
    """One training's files by name, and whether its features held somebody who is looked for."""

    run: Any
    files: dict[str, list[TrackedFile]]
    had_features: bool

    def named(self, *names: str) -> list[TrackedFile]:
        return [file for name in names for file in self.files.get(name, ())]


@dataclass(frozen=True)
class _Change:
    """What a file is to hold, and what that takes out of it."""

    file: TrackedFile
    content: bytes
    trace: Trace


def forget_in_models(settings: Settings, people: People, *, dry_run: bool) -> list[Trace]:
    """Take them out of what trainings left in MLflow, and tag the trainings whose files changed.

    Call it before their features are deleted, which tell whether a typical user is one of them.
    Raises KpiError when MLflow or its store does not answer.
    """
    if not settings.mlflow_tracking_uri and not (mlflow_home(settings) / "mlflow.db").exists():
        return []
    client = mlflow_client(settings)
    vectors = vectors_of(settings, people)
    every = [vector for rows in vectors.values() for vector in rows]
    traces: list[Trace] = []
    with (
        artifact_errors("MLflow's files cannot be searched", "Then run the command again."),
        scratch_folder(settings) as folder,
    ):
        for training in _trainings(settings, client, set(vectors), folder):
            traces += _forget(training, people, every, folder, client, dry_run=dry_run)
        traces += _elsewhere(client, people, folder, dry_run=dry_run)
    return traces


def _elsewhere(
    client: "MlflowClient", people: People, folder: Path, *, dry_run: bool
) -> Iterator[Trace]:
    """Go through the tables that runs of other experiments keep, as those of notebooks do."""
    from mlflow.entities import ViewType

    experiments = _every(lambda token: client.search_experiments(ViewType.ALL, page_token=token))
    others = [each.experiment_id for each in experiments if each.name != EXPERIMENT]
    for run in _every(lambda token: client.search_runs(others, "", ViewType.ALL, page_token=token)):
        for file in files_in(run.info.artifact_uri, folder):
            path = folder / file.name
            search = _TABLES.get(path.suffix)
            if search is None:
                continue
            path.write_bytes(file.read())
            traces = search(path, people, place="MLflow: other experiments", dry_run=dry_run)
            if not dry_run and any(trace.found for trace in traces if trace.done != "left"):
                file.write(path.read_bytes())
            path.unlink()
            yield from traces


def _every(page_after: Callable[[str | None], Any]) -> Iterator[Any]:
    token = None
    while True:
        page = page_after(token)
        yield from page
        token = page.token
        if not token:
            return


def _trainings(
    settings: Settings, client: "MlflowClient", held: set[Path], scratch: Path
) -> Iterator[_TrainingFiles]:
    from mlflow.entities import ViewType

    experiment = client.get_experiment_by_name(EXPERIMENT)
    if experiment is None:
        return
    ids = [experiment.experiment_id]
    models: dict[str, list[str]] = {}
    for model in _every(lambda token: client.search_logged_models(ids, page_token=token)):
        models.setdefault(str(model.source_run_id), []).append(model.artifact_location)
    for run in _every(lambda token: client.search_runs(ids, "", ViewType.ALL, page_token=token)):
        places = [run.info.artifact_uri, *models.get(run.info.run_id, ())]
        files: dict[str, list[TrackedFile]] = {}
        for place in places:
            for file in files_in(place, scratch, leave_out=_ASIDE):
                files.setdefault(file.name, []).append(file)
        folder = churn_run_folder(settings, run.data.tags.get(_RUN, run.info.run_id))
        had = any(path.is_relative_to(folder) for path in held)
        yield _TrainingFiles(run, files, had)


def _forget(
    training: _TrainingFiles,
    people: People,
    vectors: list[Vector],
    folder: Path,
    client: "MlflowClient",
    *,
    dry_run: bool,
) -> list[Trace]:
    shap = [_shap(file, people, folder, dry_run=dry_run) for file in training.named(_SHAP)]
    theirs = [at for _, _, rows in shap for at in rows]
    changes = [
        *_typical_users(training, vectors),
        *(_examples(training, min(theirs)) if theirs else ()),
        # Last: it alone tells whose the examples are.
        *(
            _Change(file, content, Trace("MLflow: rows of SHAP", len(rows), "deleted"))
            for file, content, rows in shap
            if rows
        ),
    ]
    if not dry_run and (changes or training.had_features):
        if training.run.info.lifecycle_stage == "active":
            # Before the files: what the run says of its data holds for them as they were.
            client.set_tag(training.run.info.run_id, _CHANGED, datetime.now(UTC).isoformat())
        for change in changes:
            change.file.write(change.content)
    return [change.trace for change in changes]


def _typical_users(training: _TrainingFiles, vectors: list[Vector]) -> Iterator[_Change]:
    for file in training.named(TRAINING_USERS):
        content = json.loads(file.read())
        typical = {name: each["typical"] for name, each in content["features"].items()}
        if any(value is not None for value in typical.values()) and is_one_of(typical, vectors):
            for each in content["features"].values():
                each["typical"] = None
            trace = Trace("MLflow: typical users", 1, "made nameless")
            yield _Change(file, _written(content), trace)


def _examples(training: _TrainingFiles, first: int) -> Iterator[_Change]:
    """Empty the examples: they are the first rows of the users of SHAP, in the same order."""
    for file in training.named(*_EXAMPLES):
        content = json.loads(file.read())
        table = content.get("dataframe_split", content)
        rows = len(table["data"])
        if first < rows:
            table["data"] = []
            table.pop("index", None)
            trace = Trace("MLflow: input examples", rows, "deleted")
            yield _Change(file, _written(content), trace)


def _shap(
    file: TrackedFile, people: People, folder: Path, *, dry_run: bool
) -> tuple[TrackedFile, bytes, list[int]]:
    """Return the file, what it holds without them, and which of its rows are theirs."""
    from pyarrow import parquet

    path = folder / file.name
    path.write_bytes(file.read())
    users = parquet.read_table(path, columns=["user_id"]).column("user_id").to_pylist()
    rows = [at for at, user in enumerate(users) if people.has(str(user))]
    if rows and not dry_run:
        without_people(path, people)
    return file, path.read_bytes(), rows


def _written(content: Any) -> bytes:
    return f"{json.dumps(content, indent=2)}\n".encode()
