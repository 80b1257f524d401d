"""Run as a process against a Prefect server: what `kpi deploy` registers about crashes."""

import sys

from flows.platform.deployments.crash_automation import register_crash_automation
from flows.platform.orchestration.crashes import server_posts_crashes
from flows.settings import load_settings

if __name__ == "__main__":
    told = [
        register_crash_automation(load_settings(), ["sleeper", "crypto-events"]) for _ in range(2)
    ]
    sys.stdout.write(" ".join(str(answer) for answer in [*told, server_posts_crashes()]))
