"""How a pipeline is declared, once for every orchestrator: standard library only.

Airflow lives in an environment of its own and imports this too. So functions are named, as
`package.module:function`, and imported where they are called.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

FIRST_RETRY_SECONDS = 2
"""How long a failed step waits before its second try; before each later one, twice as long."""


@dataclass(frozen=True)
class Step:
    """One step. Its function's name is the Prefect task, the Airflow task id and the CLI's word."""

    function: str
    """`package.module:function`: it takes settings and run, and returns a small frozen result."""
    summary: str
    report: str | None = None
    """The function that shows for people what the step left, passed or failed."""
    timeout_seconds: int = 3600
    retries: int = 3
    result_flag: str | None = None
    """The field of its result that says yes or no: to a branch, or whether its event happened."""
    only_if: bool | None = None
    """On a branch: the flag of the step before it that this step waits for."""
    only_with: str | None = None
    """The parameter of the run without which this step is left out."""
    event: str | None = None
    """What has happened when its flag is yes; a pipeline may be started by it."""

    @property
    def name(self) -> str:
        """The name that people know it by."""
        return self.function.rpartition(":")[2]

    def load(self) -> Callable[..., Any]:
        """Import and return its function."""
        function: Callable[..., Any] = resolve_name(self.function)
        return function

    @property
    def decides(self) -> bool:
        """Whether its flag chooses between the two steps after it."""
        return self.result_flag is not None and self.event is None


@dataclass(frozen=True)
class Parameter:
    """What people may set for one run: in the Prefect flow's form, in the DAG's, for `kpi`.

    Without a default, what is left out is up to the settings.
    """

    name: str
    type: type
    summary: str
    default: bool | float | None = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    planned: bool = True
    """Whether it is part of the run's plan; else the flow itself goes by it."""
    for_airflow: bool = True
    """Whether Airflow's form offers it."""
    when_left_out: str | None = None
    """How the run's name puts it when it is left out."""
    run_label: str | None = None
    """What the run's name says when it is set."""

    @property
    def schema(self) -> dict[str, Any]:
        """Its JSON schema, for Airflow's form."""
        kind = {date: "string", Path: "string", str: "string"}.get(self.type) or {
            bool: "boolean",
            int: "integer",
            float: "number",
        }[self.type]
        limits = {"minimum": self.minimum, "maximum": self.maximum}
        return {
            "type": kind if self.default is not None else ["null", kind],
            **({"format": "date"} if self.type is date else {}),
            **{name: limit for name, limit in limits.items() if limit is not None},
            **({"enum": [None, *self.choices]} if self.choices else {}),
        }

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
    plan: str
    """The function that makes a run of settings, the planned parameters and a run_id."""
    parameters: tuple[Parameter, ...] = ()
    last_day: str | None = None
    """The function that says which day a scheduler's day is to it; else it is the day itself."""
    started_by: tuple[str, ...] = ()
    """The events that start a run."""

    @property
    def title(self) -> str:
        """The name of its Prefect flow, and how people are told about it."""
        return self.name.replace("_", "-")

    @property
    def planned_parameters(self) -> tuple[Parameter, ...]:
        """The parameters that each step's run knows."""
        return tuple(parameter for parameter in self.parameters if parameter.planned)

    def step(self, name: str) -> Step:
        """Return the step of that name; raise KeyError when there is none."""
        return {step.name: step for step in self.steps}[name]

    def plan_run(self, settings: Any, given: Mapping[str, Any], run_id: str | None = None) -> Any:
        """Return the run that the given parameters ask for; those left out are None or absent.

        Raises BadInput for a run that cannot be.
        """
        # Every run is of a day, whether or not people may choose it.
        planned = {"as_of", *(parameter.name for parameter in self.planned_parameters)}
        asked = {name: value for name, value in given.items() if value is not None}
        asked = {name: value for name, value in asked.items() if name in planned}
        if source := asked.get("source"):
            asked["source"] = Path(source)
        return resolve_name(self.plan)(settings, run_id=run_id, **asked)
