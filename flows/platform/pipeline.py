"""How a pipeline is declared, for every orchestrator: standard library only.

Airflow lives in an environment of its own and imports this too.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One step: its name is the Prefect task's name, the Airflow task id and the CLI's word."""

    name: str
    summary: str
    timeout_seconds: int = 3600
    retries: int = 3
    only_if: bool | None = None
    """On a branch: the answer of the step before it that this step waits for."""


@dataclass(frozen=True)
class Pipeline:
    """Steps in the order in which they run."""

    name: str
    steps: tuple[Step, ...]

    @property
    def title(self) -> str:
        """The name of its Prefect flow, and how people are told about it."""
        return self.name.replace("_", "-")

    def step(self, name: str) -> Step:
        """Return the step of that name; raise KeyError when there is none."""
        return {step.name: step for step in self.steps}[name]
