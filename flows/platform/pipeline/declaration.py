"""How a pipeline is declared, for every orchestrator: standard library only.

Airflow lives in an environment of its own and imports this too.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """One step: its name is the Prefect task's name, the Airflow task id and the CLI's word."""

    name: str
    summary: str
    timeout_seconds: int = 3600
    retries: int = 3
    answer: str | None = None
    """The field of its result that says yes or no: to a branch, or whether its event happened."""
    only_if: bool | None = None
    """On a branch: the answer of the step before it that this step waits for."""
    only_with: str | None = None
    """The option of the run without which this step is left out."""
    event: str | None = None
    """What has happened when its answer is yes; a pipeline may be started by it."""


@dataclass(frozen=True)
class Option:
    """What people may set for one run: a parameter of the Prefect flow, of `kpi step`, of the DAG.

    `schema` is its JSON schema; without a default, what is left out is up to the settings.
    """

    name: str
    summary: str
    schema: dict[str, Any]
    default: bool | float | None = None

    def arguments(self, value: str | float | None) -> list[str]:
        """Return what the command line is given for the value; nothing where it is left out."""
        if value is None or value is False:
            return []
        flag = f"--{self.name.replace('_', '-')}"
        return [flag] if value is True else [flag, str(value)]


@dataclass(frozen=True)
class Pipeline:
    """Steps in the order in which they run, and what may be set for a run."""

    name: str
    steps: tuple[Step, ...]
    options: tuple[Option, ...] = ()
    started_by: tuple[str, ...] = ()
    """The events that start a run."""

    @property
    def title(self) -> str:
        """The name of its Prefect flow, and how people are told about it."""
        return self.name.replace("_", "-")

    @property
    def step_options(self) -> tuple[Option, ...]:
        """The options that steps know; the others say which steps are left out."""
        leaving_out = {step.only_with for step in self.steps}
        return tuple(option for option in self.options if option.name not in leaving_out)

    def step(self, name: str) -> Step:
        """Return the step of that name; raise KeyError when there is none."""
        return {step.name: step for step in self.steps}[name]


AS_OF = {"type": ["null", "string"], "format": "date"}
