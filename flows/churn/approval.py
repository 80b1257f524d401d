"""A person's answer about a promotion, when the settings ask for one."""

from dataclasses import asdict, dataclass
from pathlib import Path

from flows.churn.run import ChurnRun
from flows.platform.artifacts import churn_run_folder
from flows.platform.files import read_json, write_json
from flows.platform.settings import Settings


@dataclass(frozen=True)
class Approval:
    """Who answered what about the promotion of a version, and why."""

    version: str
    approved: bool
    by: str
    why: str


def remember_approval(settings: Settings, run: ChurnRun, approval: Approval) -> None:
    """Keep the answer with the run."""
    write_json(_file(settings, run), asdict(approval))


def approval_of(settings: Settings, run: ChurnRun, version: str) -> Approval | None:
    """Return the answer about the version; None when nobody was asked about it yet."""
    path = _file(settings, run)
    answer = Approval(**read_json(path)) if path.exists() else None
    return answer if answer and answer.version == version else None


def _file(settings: Settings, run: ChurnRun) -> Path:
    return churn_run_folder(settings, run.run_id) / "approval.json"
