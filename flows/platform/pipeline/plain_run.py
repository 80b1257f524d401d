"""Run steps without an orchestrator: one after the other, in this process."""

from collections.abc import Iterator
from typing import Any

from flows.log_lines import belongs_to
from flows.platform.pipeline.declaration import Pipeline, Step
from flows.platform.pipeline.lineage.runner import take_step, told_run
from flows.platform.pipeline.run import Run
from flows.settings import Settings


def run_steps(
    pipeline: Pipeline,
    settings: Settings,
    run: Run,
    *,
    first: str | None = None,
    last: str | None = None,
    **given: bool,
) -> dict[str, Any]:
    """Run the steps in order and return their results by step name.

    `first` and `last` name the steps to start and end with. `given` are parameters that some steps
    depend on: without theirs they are skipped. On a branch, the flag chooses the step that runs.
    Raises what a step raises, KeyError when there is no step of that name.
    """
    steps = list(_between(pipeline, first, last))
    ends = {"first": steps[0] == pipeline.steps[0], "last": steps[-1] == pipeline.steps[-1]}
    with belongs_to(run.run_id), told_run(settings, pipeline, run.run_id, **ends) as told:
        told.begins(run)
        return _take(pipeline, steps, settings, run, given)


def _take(
    pipeline: Pipeline, steps: list[Step], settings: Settings, run: Run, given: dict[str, bool]
) -> dict[str, Any]:
    results: dict[str, Any] = {}
    flag: bool | None = None
    for step in steps:
        if step.only_with and not given.get(step.only_with):
            continue
        if step.only_if is not None and step.only_if != flag:
            continue
        result = results[step.name] = take_step(pipeline, step, step.load(), settings, run)
        if step.decides:
            flag = bool(getattr(result, step.result_flag or ""))
    return results


def _between(pipeline: Pipeline, first: str | None, last: str | None) -> Iterator[Step]:
    steps = pipeline.steps
    begin = steps.index(pipeline.step(first)) if first else 0
    end = steps.index(pipeline.step(last)) + 1 if last else len(steps)
    return iter(steps[begin:end])
