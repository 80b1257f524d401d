"""What somebody who reaches MLflow's store can do to the files of a model."""

import json
import pickle
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flows.churn.production.document import DOCUMENT
from tests.churn.handmade_models import Registry

MLMODEL = """
flavors:
  python_function:
    cloudpickle_version: 3.1.2
    loader_module: mlflow.pyfunc.model
    python_model: python_model.pkl
"""


class _Runs:
    """Whoever unpickles it creates a file."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._mark,)


@contextmanager
def files_of(registry: Registry, model: str) -> Iterator[Path]:
    """The folder of a model in MLflow's store; what is done to it is undone at the end."""
    model_id = registry.logged[model].model_uri.removeprefix("models:/")
    location = registry.client.get_logged_model(model_id).artifact_location
    folder = Path(location.removeprefix("file://"))
    kept = folder.with_name("kept")
    shutil.copytree(folder, kept)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
        kept.rename(folder)


def put_code_there(folder: Path, mark: Path) -> None:
    """Let the model, as MLflow loads it, run code that creates a file."""
    (folder / "registered_model.py").write_text(f"open({str(mark)!r}, 'w')\n")
    (folder / "python_model.pkl").write_bytes(pickle.dumps(_Runs(mark)))
    (folder / "MLmodel").write_text(MLMODEL)


def change_coefficients(folder: Path) -> None:
    """Let nobody count as churning any more."""
    file = folder / "artifacts" / DOCUMENT
    file.write_text(json.dumps(json.loads(file.read_text()) | {"intercept": -50.0}))
