"""Run steps in a separate process, so that its memory is theirs alone."""

import json
import os
import resource
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from benchmarks.cost import Cost, Samples
from benchmarks.crypto_events.ours import GENERATOR, STEPS, benchmark_settings, measure_run
from benchmarks.meter import Meter
from flows.crypto_events.run import plan_run
from flows.errors import DataRejected, KpiError
from flows.paths import REPOSITORY
from flows.platform.warehouse.connection import database_url
from flows.settings import Settings


@dataclass(frozen=True)
class Outcome:
    """What a process used; `refusal` is the error message that stopped the run, if any."""

    peak_memory_mb: float
    costs: dict[str, Cost]
    refusal: str | None


def run_in_child(settings: Settings, server_pid: int, as_of: date, *, generate: int = 0) -> Outcome:
    """Do a whole run without the generator, or only the generator for `generate` rows a day."""
    arguments = [str(settings.home), str(server_pid), as_of.isoformat(), str(generate)]
    result = subprocess.run(
        [sys.executable, "-m", __name__, *arguments],
        env={**os.environ, "KPI_DATABASE_URL": database_url(settings)},
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if result.returncode:
        raise KpiError(f"The measured process ended with exit code {result.returncode}.")
    answer = json.loads(result.stdout.splitlines()[-1])
    answer["costs"] = {name: Cost(**cost) for name, cost in answer["costs"].items()}
    return Outcome(**answer)


def main(home: str, server_pid: str, as_of: str, generate: str) -> None:
    """Do the work for `run_in_child`; the last line of the output is the outcome."""
    url = os.environ["KPI_DATABASE_URL"]
    settings = benchmark_settings(url, Path(home), min_rows_per_day=int(generate))
    samples = Samples()
    meter = Meter(settings, int(server_pid), samples)
    run = plan_run(settings, date.fromisoformat(as_of))
    refusal = None
    try:
        measure_run(settings, meter, "child", run, (GENERATOR,) if int(generate) else STEPS)
    except DataRejected as error:
        refusal = str(error)
    meter.close()
    costs = {name.removeprefix("child/"): samples.cost(name) for name in samples.by_name}
    outcome = Outcome(_peak_memory_mb(), costs, refusal)
    sys.stdout.write(f"\n{json.dumps(asdict(outcome))}\n")


def _peak_memory_mb() -> float:
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would start at our parent's memory
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2  # bytes on macOS


if __name__ == "__main__":
    main(*sys.argv[1:])
