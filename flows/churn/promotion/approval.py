"""A person's answer about a promotion, when the settings ask for one."""

import getpass
from dataclasses import asdict, dataclass
from pathlib import Path

from flows.churn.folders import churn_run_folder
from flows.churn.promotion.decide_promotion import decided
from flows.errors import BadInput
from flows.platform.pipeline.run import Run
from flows.platform.storage.atomic_files import read_json_as, write_json
from flows.settings import Settings

APPROVAL = "approval.json"


@dataclass(frozen=True)
class Approval:
    """Who answered what about the promotion of a version, and why."""

    version: str
    approved: bool
    by: str
    why: str


def save_approval(settings: Settings, run: Run, approval: Approval) -> None:
    """Keep the answer with the run."""
    write_json(_file(settings, run), asdict(approval))


def approval_of(settings: Settings, run: Run, version: str) -> Approval | None:
    """Return the answer about the version; None when nobody has answered yet."""
    path = _file(settings, run)
    answer = read_json_as(path, Approval) if path.exists() else None
    return answer if answer and answer.version == version else None


def record_approval(
    settings: Settings, run: Run, *, approved: bool, why: str, by: str | None = None
) -> Approval:
    """Keep and return the answer about the version that the run decided on.

    Without `by` it is the current user's. Raises BadInput before `decide_promotion` ran.
    """
    try:
        version = decided(settings, run).version
    except BadInput as error:
        raise BadInput(
            f"Run {run.run_id} has no decision yet: look whether the id is right, and whether its "
            f"step {error.needs_step} ran."
        ) from error
    approval = Approval(version, approved, by or getpass.getuser(), why)
    save_approval(settings, run, approval)
    return approval


def _file(settings: Settings, run: Run) -> Path:
    return churn_run_folder(settings, run.run_id) / APPROVAL
