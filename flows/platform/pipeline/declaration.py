"""How a pipeline is declared, once for every orchestrator: standard library only.

Airflow has its own environment and imports this too, so functions are referred to by name, as
`package.module:function`, and imported when they are called.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, Literal

FIRST_RETRY_SECONDS = 2
"""Delay before a failed step's first retry; it doubles for each later one."""


@dataclass(frozen=True)
class Dataset:
    """What a step reads or writes.

    A `table` is `schema.table` of the warehouse, a `delivery` a file in the run's source folder, a
    `file` is below the home, an `artifact` is `bucket/key`, a `model` is registered in MLflow.
    """

    kind: Literal["table", "delivery", "file", "artifact", "model"]
    name: str


@dataclass(frozen=True)
class Step:
    """One step. Its function's name is also the Prefect task, Airflow task id and CLI argument."""

    function: str
    """`package.module:function`: it takes settings and run, and returns a small frozen result."""
    summary: str
    report: str | None = None
    """The function that reports what the step produced, whether it passed or failed."""
    timeout_seconds: int = 3600
    retries: int = 3
    result_flag: str | None = None
    """The boolean field of its result that chooses a branch, or says whether its event happened."""
    only_if: bool | None = None
    """On a branch: the value of the deciding step's flag for which this step runs."""
    only_with: str | None = None
    """The run parameter without which this step is skipped."""
    event: str | None = None
    """The event that happened when its flag is true; it may start a pipeline."""
    inputs: tuple[Dataset, ...] = ()
    """What it reads, for lineage."""
    outputs: tuple[Dataset, ...] = ()
    """What it writes, for lineage."""
    facts: str | None = None
    """The function that makes `Facts` about these from settings, run and the step's result."""

    @property
    def name(self) -> str:
        """The function's name, by which people know the step."""
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
    """What users can set for one run: in the Prefect form, in the DAG's form, or with `kpi`.

    Without a default, the settings decide when it is left out.
    """

    name: str
    type: type
    summary: str
    default: bool | float | None = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    planned: bool = True
    """Whether it is part of the run's plan; if not, the flow itself uses it."""
    for_airflow: bool = True
    """Whether Airflow's form offers it."""
    when_left_out: str | None = None
    """What the run's name says when it is left out."""
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
        """Return the command-line arguments for the value; none when it is left out."""
        if value is None or value is False:
            return []
        flag = f"--{self.name.replace('_', '-')}"
        return [flag] if value is True else [flag, str(value)]


@dataclass(frozen=True)
class Pipeline:
    """Steps in the order in which they run, and the parameters of a run."""

    name: str
    steps: tuple[Step, ...]
    plan: str
    """The function that makes a run from settings, the planned parameters and a run_id."""
    parameters: tuple[Parameter, ...] = ()
    last_day: str | None = None
    """The function that maps a scheduler's day to the pipeline's; by default they are the same."""
    started_by: tuple[str, ...] = ()
    """The events that start a run."""

    @property
    def title(self) -> str:
        """The name of its Prefect flow, also used in messages."""
        return self.name.replace("_", "-")

    @property
    def planned_parameters(self) -> tuple[Parameter, ...]:
        """The parameters that are part of the run's plan."""
        return tuple(parameter for parameter in self.parameters if parameter.planned)

    def step(self, name: str) -> Step:
        """Return the step of that name; raise KeyError when there is none."""
        return {step.name: step for step in self.steps}[name]

    def plan_run(self, settings: Any, given: Mapping[str, Any], run_id: str | None = None) -> Any:
        """Return the run for the given parameters; those left out are None or absent.

        Raises BadInput for an impossible run.
        """
        types = {parameter.name: parameter.type for parameter in self.planned_parameters}
        # Every run has a day, whether or not people may choose it.
        types["as_of"] = date
        asked = {
            name: Path(value) if types[name] is Path else value
            for name, value in given.items()
            if name in types and value is not None
        }
        return resolve_name(self.plan)(settings, run_id=run_id, **asked)
