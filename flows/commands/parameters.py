"""The parameters that pipelines declare, as options of commands."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from flows.churn.pipeline import DRIFT_MONITOR, SCORING, TRAINING, WATCHDOG
from flows.crypto_events.pipeline import PIPELINE as CRYPTO_EVENTS
from flows.platform.pipeline.declaration import Parameter, Pipeline
from flows.retention.pipeline import PIPELINE as RETENTION

PIPELINES = (CRYPTO_EVENTS, TRAINING, SCORING, DRIFT_MONITOR, WATCHDOG, RETENTION)

_DAY = ["%Y-%m-%d"]
_ANY_DAY = "The last day of the run; empty means the pipeline's own default."


def with_parameters(
    pipeline: Pipeline, *names: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of the pipeline's parameters, or of those named.

    The command takes them as `**parameters`, as the flow takes them: what was left out is None, or
    its default; days are dates, folders are absolute paths as text.
    """
    chosen = [found for found in pipeline.parameters if not names or found.name in names]
    return _options(chosen)


def with_parameters_of_every_pipeline(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of each parameter that some pipeline's steps know."""
    known: dict[str, Parameter] = {}
    for pipeline in PIPELINES:
        for parameter in pipeline.planned_parameters:
            known.setdefault(parameter.name, parameter)
    known["as_of"] = replace(known["as_of"], summary=_ANY_DAY)
    return _options(known.values())(command)


def _options(
    parameters: Iterable[Parameter],
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    chosen = {parameter.name: parameter for parameter in parameters}

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def wrapped(**given: Any) -> None:
            declared = {name: _as_the_flow_takes_it(given[name]) for name in chosen}
            command(**{**given, **declared})

        signature = inspect.signature(command)
        own = [
            parameter
            for parameter in signature.parameters.values()
            if parameter.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        options = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]
        options += [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=parameter.default,
                annotation=Annotated[_type(parameter), _option(parameter)],
            )
            for name, parameter in chosen.items()
        ]
        vars(wrapped)["__signature__"] = signature.replace(parameters=options)
        wrapped.__annotations__ = {each.name: each.annotation for each in options}
        return wrapped

    return decorate


def _type(parameter: Parameter) -> Any:
    kind: Any = datetime if parameter.type is date else parameter.type
    if parameter.choices:
        kind = Literal[parameter.choices]
    return kind if parameter.default is not None else kind | None


def _option(parameter: Parameter) -> Any:
    return typer.Option(
        help=parameter.summary,
        min=parameter.minimum,
        max=parameter.maximum,
        formats=_DAY if parameter.type is date else None,
        metavar="FOLDER" if parameter.type is Path else None,
    )


def _as_the_flow_takes_it(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, Path):
        return str(value.expanduser().absolute())
    return value
