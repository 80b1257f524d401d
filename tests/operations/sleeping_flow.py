"""A flow that says who it is, and sleeps until it is killed."""

import os
import time
from pathlib import Path

from prefect import flow

from flows.platform.orchestration.hooks import run_options


@flow(name="sleeper", **run_options())
def sleeper(pid_file: str) -> None:
    """Write the process's number into the file, then sleep."""
    Path(pid_file).write_text(str(os.getpid()), encoding="utf-8")
    time.sleep(600)


if __name__ == "__main__":
    sleeper(os.environ["PID_FILE"])
