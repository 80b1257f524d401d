"""A flow of many short tasks, which goes on until a file appears."""

import os
import time
from pathlib import Path

from prefect import flow, task

from flows.platform.orchestration.hooks import run_options
from flows.platform.orchestration.patience import ended_when_left_alone


@task
def take_step(number: int) -> int:
    """Take some time."""
    time.sleep(0.2)
    return number


@flow(name="stepper", **run_options())
def stepper(folder: str) -> dict[str, list[str]]:
    """Say after each task how many were done; end when somebody writes the file `end`."""
    number = 0
    with ended_when_left_alone():
        while not (Path(folder) / "end").exists():
            number = take_step(number) + 1
            (Path(folder) / "done").write_text(str(number), encoding="utf-8")
    return {"messages": []}


if __name__ == "__main__":
    stepper(os.environ["FOLDER"])
