"""What a command does in one go, outside of the pipelines: a run of one step, with an id."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from flows.log_lines import belongs_to
from flows.platform.pipeline.declaration import Dataset, Pipeline, Step
from flows.platform.pipeline.lineage.runner import take_step, told_run
from flows.platform.pipeline.run import Run
from flows.settings import Settings

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class FileRun(Run):
    """The storing of one file, which lies in the folder `source`."""

    source: Path
    file: Dataset

    def sha256(self) -> str:
        """Return the hash of the file as it is now."""
        with (self.source / self.file.name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def told_command(
    settings: Settings,
    job: str,
    step: Step,
    do: Callable[[], Result],
    run: Run | None = None,
) -> Result:
    """Call `do` and return its result; tell what it read and wrote, as the step declares.

    Everything inside has the id of the run: by default a new one, of today. Raises what `do`
    raises, and nothing else.
    """
    # Nobody plans it: it is declared for its lineage alone.
    pipeline = Pipeline(name=job, plan="", steps=(step,))
    run = run or Run(as_of=datetime.now(settings.zone).date())

    def function(settings: Settings, run: Run) -> Result:
        return do()

    with belongs_to(run.run_id), told_run(settings, pipeline, run.run_id) as told:
        told.begins(run)
        return take_step(pipeline, step, function, settings, run)
