"""Options of commands come from the declarations, and say what those say."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from flows.churn.pipeline import DRIFT_MONITOR
from flows.commands.parameters import (
    PIPELINES,
    with_parameters,
    with_parameters_of_every_pipeline,
)
from flows.crypto_events.pipeline import PIPELINE


def run(decorate: Any, *words: str) -> tuple[int, str, dict[str, Any]]:
    """Run a command with these options; return its exit code, its output and what it was given."""
    given: dict[str, Any] = {}

    def command(**parameters: Any) -> None:
        """Note what was given."""
        given.update(parameters)

    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(decorate(command))
    done = CliRunner().invoke(app, list(words), env={"COLUMNS": "200", "NO_COLOR": "1"})
    return done.exit_code, done.output, given


def test_a_command_is_given_what_the_flow_takes(tmp_path: Path) -> None:
    words = ("--as-of", "2026-06-30", "--source", str(tmp_path), "--simulate-drift", "2")
    assert run(with_parameters(DRIFT_MONITOR), *words)[::2] == (
        0,
        {
            "as_of": date(2026, 6, 30),
            "source": str(tmp_path),
            "simulate_drift": 2.0,
            "retrain": False,
        },
    )


def test_what_is_left_out_is_none_or_the_default() -> None:
    assert run(with_parameters(PIPELINE))[::2] == (
        0,
        {parameter.name: parameter.default for parameter in PIPELINE.parameters},
    )


@pytest.mark.parametrize(
    "words",
    [
        ("--window-days", "0"),
        ("--max-reject-share", "1.5"),
        ("--policy", "hope"),
        ("--as-of", "30.6.2026"),
    ],
)
def test_what_the_declaration_does_not_allow_is_refused(words: tuple[str, str]) -> None:
    code, output, given = run(with_parameters(PIPELINE), *words)
    assert (code, given) == (2, {})
    assert words[0] in output


def test_a_command_may_have_some_of_them() -> None:
    code, _, given = run(with_parameters(PIPELINE, "policy"), "--policy", "abort")
    assert (code, given) == (0, {"policy": "abort"})
    assert run(with_parameters(PIPELINE, "policy"), "--generate")[0] == 2


@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda found: found.name)
def test_help_says_what_the_form_says(pipeline: Any) -> None:
    _, output, _ = run(with_parameters(pipeline), "--help")
    shown = " ".join(output.replace("│", " ").split())
    for parameter in pipeline.parameters:
        assert f"--{parameter.name.replace('_', '-')}" in shown
        assert parameter.summary.split(";")[0].split(",")[0].split()[0] in shown


def test_a_step_takes_what_any_pipeline_plans() -> None:
    _, _, given = run(with_parameters_of_every_pipeline)
    assert set(given) == {found.name for each in PIPELINES for found in each.planned_parameters}
