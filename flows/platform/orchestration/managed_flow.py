"""A declared pipeline as a Prefect flow: its name, its form and its run names.

Import it only after Prefect is configured.
"""

import inspect
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from prefect import Flow, flow
from prefect.runtime import flow_run
from prefect.utilities.hashing import stable_hash
from pydantic import Field

from flows.platform.orchestration.hooks import run_options
from flows.platform.orchestration.managed_run import managed_run
from flows.platform.orchestration.patience import wait_for_servers
from flows.platform.pipeline.declaration import Parameter, Pipeline


def managed_flow(pipeline: Pipeline) -> Callable[[Callable[..., object]], Flow[..., Any]]:
    """Turn a function that takes the steps of a run into the pipeline's flow.

    The function gets `Steps`, and the parameters outside the run's plan as keyword arguments. The
    flow accepts every parameter that the pipeline declares, and its form describes them.
    """

    def decorate(take_steps: Callable[..., object]) -> Flow[..., Any]:
        wait_for_servers()
        form = _form(pipeline)

        def run(*values: Any, **named: Any) -> Any:
            given = form.bind(*values, **named)
            given.apply_defaults()
            return managed_run(pipeline, take_steps, given.arguments)

        run.__name__, run.__qualname__ = take_steps.__name__, take_steps.__qualname__
        run.__module__ = take_steps.__module__
        run.__doc__ = _docstring(take_steps, pipeline)
        run.__annotations__ = {name: field.annotation for name, field in form.parameters.items()}
        vars(run)["__signature__"] = form
        return flow(
            name=pipeline.title,
            flow_run_name=_run_name(pipeline),
            # Hash the file with the steps: Prefect would hash this one.
            version=stable_hash(Path(inspect.getfile(take_steps)).read_text(encoding="utf-8")),
            **run_options(),
        )(run)

    return decorate


def _form(pipeline: Pipeline) -> inspect.Signature:
    return inspect.Signature(
        [
            inspect.Parameter(
                parameter.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=parameter.default,
                annotation=_annotation(parameter),
            )
            for parameter in pipeline.parameters
        ],
        return_annotation=Any,
    )


def _annotation(parameter: Parameter) -> Any:
    kind: Any = str if parameter.type is Path else parameter.type
    if parameter.choices:
        kind = Literal[parameter.choices]
    elif parameter.minimum is not None or parameter.maximum is not None:
        kind = Annotated[kind, Field(ge=parameter.minimum, le=parameter.maximum)]
    return kind if parameter.default is not None else kind | None


def _docstring(take_steps: Callable[..., object], pipeline: Pipeline) -> str:
    """Return the flow's docstring, with the parameters as Prefect parses them for its form."""
    lines = [f"    {parameter.name}: {parameter.summary}" for parameter in pipeline.parameters]
    return "\n".join([inspect.getdoc(take_steps) or "", "", "Args:", *lines, ""])


def _run_name(pipeline: Pipeline) -> Callable[[], str] | None:
    """Name runs after their day, plus their labels. Without a day, Prefect names them."""
    of_day = [parameter for parameter in pipeline.parameters if parameter.type is date]
    if not of_day:
        return None
    (day,) = of_day

    def name() -> str:
        given = flow_run.get_parameters()
        labels = [
            f", {parameter.run_label}"
            for parameter in pipeline.parameters
            if parameter.run_label and given.get(parameter.name)
        ]
        return f"{pipeline.title} as of {given.get(day.name) or day.when_left_out}{''.join(labels)}"

    return name
