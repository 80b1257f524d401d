"""One piece of work in its own process, so that its memory and CPU seconds are its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.churn.place import Place
from benchmarks.churn.usage import cpu_seconds, peak_memory_mb
from benchmarks.churn.work import find
from flows.errors import KpiError
from flows.paths import REPOSITORY

_SENTENCE = "kpi: "


@dataclass(frozen=True)
class Outcome:
    """What the work used, without imports; `answer` is what it returned."""

    wall: float
    cpu: float
    peak_memory_mb: float
    answer: dict[str, float] = field(default_factory=dict)


def run_in_child(place: Place, name: str, variables: Mapping[str, str] | None = None) -> Outcome:
    """Do the named work in a child process, with variables beside ours.

    Raises KpiError when it fails, with what the process said if that is a sentence.
    """
    result = subprocess.run(
        [sys.executable, "-m", __name__, str(place.root), name],
        cwd=REPOSITORY,
        env={**os.environ, **(variables or {})},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    *_, answer = result.stdout.splitlines() or [""]
    if result.returncode == KpiError.exit_code and answer.startswith(_SENTENCE):
        raise KpiError(f"{name}: {answer.removeprefix(_SENTENCE)}")
    if result.returncode:
        raise KpiError(f"{name}: the measured process ended with exit code {result.returncode}.")
    return Outcome(**json.loads(answer))


def main(root: str, name: str) -> None:
    """Do the work for `run_in_child`; the last line of the output is the outcome."""
    place, work = Place(Path(root)), find(name)
    wall, cpu = time.perf_counter(), cpu_seconds()
    try:
        answer = work(place)
    except KpiError as error:
        sys.stdout.write(f"\n{_SENTENCE}{' '.join(str(error).split())}\n")
        sys.exit(KpiError.exit_code)
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    outcome = Outcome(wall, cpu, peak_memory_mb(), answer or {})
    sys.stdout.write(f"\n{json.dumps(asdict(outcome))}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
