"""One pipeline step as an Airflow task: `kpi step`, in the project's environment."""

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from airflow.providers.standard.hooks.subprocess import SubprocessHook, SubprocessResult
from airflow.sdk import Asset, AssetAlias, BaseOperator, BaseXCom, BranchMixIn, Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from flows.platform.pipeline.declaration import Pipeline, Step

# Set KPI_COMMAND where the command is not on the PATH of Airflow's workers.
KPI = os.environ.get("KPI_COMMAND", "kpi")

# How long the scheduler may take to start the next task, or the next try.
SECONDS_TO_NEXT_STEP = 600

# Exit codes of a program that ended by itself; others mean a signal ended it.
OWN_EXIT_CODES = range(128)

# How the sentence begins with which the command ends: no other line is passed on, because those of
# a log or a traceback may quote delivered values.
SENTENCE = "kpi: "


class StepOperator(BaseOperator):
    """Runs the step; its log becomes the task's log, its result the task's XCom.

    Raises AirflowException for transient errors, which are retried, and AirflowFailException
    with the step's own message for all others.
    """

    ui_color = "#e6f0ff"

    def __init__(self, *, pipeline: Pipeline, step: Step, **arguments: Any) -> None:
        super().__init__(task_id=step.name, **arguments)
        self.pipeline = pipeline
        self.step = step
        self.process = SubprocessHook()

    def execute(self, context: Context) -> Any:
        """Return the step's result; None when a parameter of the run skips the step."""
        if self.step.only_with and not context["params"][self.step.only_with]:
            self.log.info("Left out: %s is off.", self.step.only_with)
            return None
        with TemporaryDirectory() as folder:
            result = Path(folder) / "result.json"
            ended = self.process.run_command(
                [KPI, *self._arguments(context), "--result-file", str(result)],
                env={**os.environ, "KPI_EVENT_LISTENER": "caller"},
            )
            if ended.exit_code not in OWN_EXIT_CODES:
                raise AirflowException("Something ended the step: its log has its last words.")
            if ended.exit_code == os.EX_TEMPFAIL:
                raise AirflowException(_why(ended))
            if ended.exit_code:
                raise AirflowFailException(_why(ended))
            found = json.loads(result.read_text(encoding="utf-8"))
        if self.step.event and found[self.step.result_flag]:
            context["outlet_events"][AssetAlias(self.step.event)].add(Asset(self.step.event))
        return found

    def on_kill(self) -> None:
        """End the step's process when its task is killed."""
        self.process.send_sigterm()

    def _arguments(self, context: Context) -> list[str]:
        run = context["dag_run"]
        arguments = ["step", self.pipeline.name, self.step.name]
        arguments += ["--run-id", f"{run.dag_id}/{run.run_id}"]
        arguments += ["--logical-date", (run.logical_date or run.run_after).isoformat()]
        arguments += ["--hold-for", str(SECONDS_TO_NEXT_STEP)]
        tried = context["ti"]
        # A cleared task has more tries than it declares.
        arguments += ["--tries-left", str(max(0, tried.max_tries + 1 - tried.try_number))]
        for parameter in self.pipeline.planned_parameters:
            if parameter.for_airflow:
                arguments += parameter.arguments(context["params"][parameter.name])
        return arguments


class BranchOperator(StepOperator, BranchMixIn):
    """Runs the step, then only those steps of the branch that its result chooses."""

    def execute(self, context: Context) -> None:
        """Push the step's result, then skip the tasks of the branch not taken."""
        found = super().execute(context)
        # Pushed here, not returned: branching raises an exception.
        context["ti"].xcom_push(BaseXCom.XCOM_RETURN_KEY, found)
        taken = [
            step for step in self.pipeline.steps if step.only_if == found[self.step.result_flag]
        ]
        self.do_branch(context, [step.name for step in taken])


def _why(ended: SubprocessResult) -> str:
    """Return the step's last line if that is its sentence, else where to look."""
    last_line = str(ended.output)
    if last_line.startswith(SENTENCE):
        return last_line
    return f"The step ended with exit code {ended.exit_code}: its log says why."


def post_failure(context: Context) -> None:
    """Notify people which run failed, where and why, as the Prefect flows do."""
    task = context["ti"]
    text = f"{task.dag_id} {task.run_id} failed in {task.task_id}: {context['exception']}"
    SubprocessHook().run_command([KPI, "notify", text, "--link", task.log_url])
