"""Writes why a playbook failed into the file that KPI_FAILURE names, for `python -m hosted`."""

import json
import os
from pathlib import Path
from typing import Any

from ansible.executor.stats import AggregateStats
from ansible.executor.task_result import CallbackTaskResult

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: kpi_failure
    type: aggregate
    short_description: why a playbook failed, in a file
    description: For the program behind make hosted-deploy, which tells it last, in one sentence.
"""
TELLERS = ("assert", "fail")


class CallbackModule(CallbackBase):
    """Remembers the last failure of each host; what was rescued or ignored is none."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "kpi_failure"
    CALLBACK_NEEDS_ENABLED = False

    def __init__(self) -> None:
        super().__init__()
        self._failures: dict[str, dict[str, str]] = {}

    def v2_runner_on_failed(self, result: CallbackTaskResult, ignore_errors: bool = False) -> None:
        """Ansible calls this for a task that failed."""
        if not ignore_errors:
            teller = result.task.action.rpartition(".")[2] in TELLERS
            self._remember("told" if teller else "failed", result)

    def v2_runner_on_unreachable(self, result: CallbackTaskResult) -> None:
        """Ansible calls this for a host that does not answer."""
        self._remember("unreachable", result)

    def v2_playbook_on_stats(self, stats: AggregateStats) -> None:
        """Ansible calls this at the end."""
        failed = [
            failure
            for host, failure in self._failures.items()
            if stats.failures.get(host) or stats.dark.get(host)
        ]
        if not stats.processed:
            failed = [{"kind": "nobody"}]
        if failed and (file := os.environ.get("KPI_FAILURE")):
            Path(file).write_text(json.dumps(failed[0]), encoding="utf-8")

    def _remember(self, kind: str, result: CallbackTaskResult) -> None:
        self._failures[result.host.name] = {
            "kind": kind,
            "host": result.host.name,
            "task": result.task_name,
            "said": _said(result.result),
        }


def _said(result: dict[str, Any]) -> str:
    """What a module says: of a loop's the first failure, of a command's the end of its errors."""
    failed = [one for one in result.get("results", []) if one.get("failed")]
    if failed:
        return _said(failed[0])
    message = result.get("msg") or result.get("censored") or "it says nothing."
    if isinstance(message, list):
        message = " ".join(message)
    errors = str(result.get("stderr") or result.get("module_stderr", "")).strip().splitlines()
    said = f"{message} {errors[-1] if errors else ''}"
    return " ".join(said.removeprefix("Task failed: ").split())
