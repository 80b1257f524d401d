"""Run as a process against a Prefect server: what `kpi deploy` registers about crashes."""

import sys

from flows.platform.deployments.crash_automation import tell_of_crashes
from flows.platform.orchestration.crashes import crashes_are_told
from flows.settings import load_settings

if __name__ == "__main__":
    told = [tell_of_crashes(load_settings(), ["sleeper", "crypto-events"]) for _ in range(2)]
    sys.stdout.write(" ".join(str(answer) for answer in [*told, crashes_are_told()]))
