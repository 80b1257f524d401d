"""Where churn keeps the files that its steps exchange, and its reports."""

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from flows.errors import BadInput, a_few
from flows.platform.pipeline.run import Run
from flows.platform.storage.atomic_files import read_json_as
from flows.platform.storage.layout import artifacts_folder
from flows.settings import Settings

Result = TypeVar("Result")

# A file's name has 255 bytes; while a folder is written, its name is a little longer.
_LONGEST_NAME = 240


def churn_runs(settings: Settings) -> Path:
    """Folder with a folder for each churn run, for the files that its steps exchange."""
    return settings.home / "churn" / "runs"


def churn_run_folder(settings: Settings, run_id: str) -> Path:
    """Folder of one churn run. Raises BadInput for an id that is too long to name one."""
    # The orchestrator chooses the id: whatever it holds, it must name a single folder.
    name = quote(run_id, safe="").replace(".", "%2E")
    if len(name) > _LONGEST_NAME:
        raise BadInput(
            f"The id of the run is too long: {_LONGEST_NAME} letters and digits at most, of which "
            "another sign counts as three or more."
        )
    return churn_runs(settings) / name


def scored_with(settings: Settings, run_id: str) -> Path:
    """Day and version of the scores that were made from a run's snapshot, as JSON."""
    return churn_run_folder(settings, run_id) / "scored.json"


def churn_earlier_files(settings: Settings) -> Path:
    """Folder of checked files about users of earlier deliveries, `<FILE>/<day>.parquet`."""
    return settings.home / "churn" / "earlier_files"


def drift_history(settings: Settings) -> Path:
    """Folder of weekly snapshots, `<lookback>/<day>.parquet`: the reference of drift reports.

    Apart by how many days of payments features read, because only equal ones are compared.
    """
    return settings.home / "churn" / "drift_history"


def drift_reports(settings: Settings) -> Path:
    """Folder of the drift reports, `drift-reports` of bucket `mlflow-artifacts`."""
    return artifacts_folder(settings) / "mlflow-artifacts" / "drift-reports"


def drift_report(settings: Settings, day: date, *, simulated: bool = False) -> Path:
    """The drift report of a day, `drift-reports/<date>.html`.

    A simulated one is stored beside the real one, as `<date>-simulated.html`.
    """
    name = f"{day}-simulated.html" if simulated else f"{day}.html"
    return drift_reports(settings) / name


def last_training(settings: Settings) -> Path:
    """Summary of the last finished training, as JSON."""
    return settings.home / "churn" / "last_training.json"


def read_result(path: Path, kind: type[Result], run: Run, what: str, step: str) -> Result:
    """Return what a step of the run left in a file.

    Raises BadInput, with the step that it needs, when there is no such file.
    """
    if not path.exists():
        raise BadInput(f"Run {run.run_id} has no {what}.", needs_step=step)
    return read_json_as(path, kind)


def require_columns(folder: Path, names: Collection[str], what: str, step: str) -> None:
    """Raise BadInput, with the step that it needs, where rows of a run lack some of the columns.

    So they do when their step ran before an upgrade that knows more of a user, the next one after.
    """
    from pyarrow import dataset

    held = set(dataset.dataset(folder, format="parquet").schema.names)
    if lacking := [name for name in names if name not in held]:
        raise BadInput(
            f"The {what} of this run lack {a_few(lacking)}, which this release needs: they are of "
            "before an upgrade.",
            needs_step=step,
        )
