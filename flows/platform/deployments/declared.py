"""The deployments of `prefect.yaml` as Prefect itself would send them to its server.

Prefect reads the file and imports every flow, which takes seconds. The result depends only on
files, versions and a few values, so it is kept (see `prepared`).
"""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from flows.errors import KpiError
from flows.paths import REPOSITORY
from flows.platform.orchestration.startup.api import import_prefect
from flows.platform.storage.atomic_files import read_json, write_json
from flows.platform.storage.prepared_files import prepared

WORK_POOL = "kpi"

_FILE = "prefect.yaml"
_DECLARED = "declared.json"
_SHOWN_LINES = 10
# References to values that may be secret, and build or push actions: never cached.
_NOT_KEPT = re.compile(r"prefect\.blocks\.|\$ref|{{\s*\$|^\s*(build|push)\s*:", re.MULTILINE)
_VARIABLE = re.compile(r"prefect\.variables\.(\w+)")
_SETTINGS = ("PREFECT_EXPERIMENTAL_EVENTS", "PREFECT_PROFILE")


def variables_used() -> set[str]:
    """Return the names of the Prefect variables that `prefect.yaml` uses."""
    return set(_VARIABLE.findall(_text()))


def declared(variables: Mapping[str, Any], home: Path) -> dict[str, Any]:
    """Return the work pool's `template` and the `deployments`, as request bodies for Prefect's API.

    `variables` are their values on the server at PREFECT_API_URL; what Prefect resolved is kept
    under `home` where the installation is not writable. A deployment has the name of its
    `flow`, a temporary `id`, its `body`, and its `automations`, None when none are supported.
    Raises KpiError when Prefect refuses.
    """
    if not _NOT_KEPT.search(_text()):
        kept = prepared(
            "deployments", _fingerprint(variables), _declare, otherwise=home / "prepared"
        )
        if kept is not None:
            return dict(read_json(kept / _DECLARED))
    with TemporaryDirectory() as folder:
        _declare(Path(folder))
        return dict(read_json(Path(folder) / _DECLARED))


def _text() -> str:
    return (REPOSITORY / _FILE).read_text(encoding="utf-8")


def _fingerprint(variables: Mapping[str, Any]) -> str:
    """Return everything that the result depends on."""
    sources = sha256(_text().encode())
    for source in sorted((REPOSITORY / "flows").rglob("*.py")):
        sources.update(str(source).encode() + source.read_bytes())
    profiles = Path(os.environ.get("PREFECT_HOME", "~")).expanduser() / "profiles.toml"
    if profiles.exists():
        sources.update(profiles.read_bytes())
    packages = ("prefect", "pydantic", "prefect-aws", "prefect-sqlalchemy")
    return json.dumps(
        {
            "sources": sources.hexdigest(),
            "versions": [sys.version, *(version(package) for package in packages)],
            "variables": dict(sorted(variables.items())),
            "settings": {name: os.environ.get(name) for name in _SETTINGS},
        }
    )


def _declare(folder: Path) -> None:
    """Let Prefect resolve the file in a separate process, which imports every flow."""
    command = [sys.executable, "-m", __name__, str(folder / _DECLARED)]
    run_in_project(command, f"Prefect refuses {_FILE}")


def run_in_project(command: Sequence[str], what_failed: str) -> None:
    """Run a command in the project's folder; raise KpiError with its last lines when it fails."""
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        output = (done.stdout + done.stderr).strip().splitlines()[-_SHOWN_LINES:]
        raise KpiError("\n".join([f"{what_failed}:", *output]))


class _Recorder:
    """Records what Prefect's client would write."""

    def __init__(self) -> None:
        self.deployments: list[dict[str, Any]] = []
        self._flow = ""

    async def post(self, path: str, json: dict[str, Any]) -> SimpleNamespace:
        """Record what would be created, and answer as the server would."""
        made = str(uuid4())
        if path == "/flows/":
            self._flow = json["name"]
        elif path == "/deployments/":
            body = {name: value for name, value in json.items() if name != "flow_id"}
            self.deployments.append(
                {"flow": self._flow, "id": made, "body": body, "automations": None}
            )
        elif path == "/automations/":
            self.deployments[-1]["automations"].append(json)
        else:
            raise RuntimeError(f"Prefect writes to {path}, which nobody expected.")
        answer = {"id": made}
        return SimpleNamespace(json=lambda: answer, raise_for_status=lambda: None)

    async def delete(self, path: str) -> SimpleNamespace:
        """Record that automations are supported: Prefect deletes the old ones first."""
        self.deployments[-1]["automations"] = []
        return SimpleNamespace(raise_for_status=lambda: None)


async def _read_work_pool(
    read: Callable[[str], Awaitable[Any]], template: dict[str, Any], name: str
) -> Any:
    """Read a work pool from the server; ours may not exist yet."""
    from prefect.exceptions import ObjectNotFound

    try:
        return await read(name)
    except ObjectNotFound:
        if name != WORK_POOL:
            raise
    # Of its type Prefect asks only whether agents serve it.
    ours = {"type": "process", "base_job_template": template}
    return SimpleNamespace(**ours, is_push_pool=False, is_managed_pool=False)


async def _ask_prefect() -> dict[str, Any]:
    from prefect.cli.deploy import _load_deploy_configs_and_actions, _run_single_deploy
    from prefect.client.orchestration import get_client
    from prefect.workers.process import ProcessWorker

    deployments, actions = _load_deploy_configs_and_actions(Path(_FILE))
    template = ProcessWorker.get_default_base_job_template()
    recorder = _Recorder()
    async with get_client() as client:
        vars(client._client).update(post=recorder.post, delete=recorder.delete)
        vars(client)["read_work_pool"] = partial(_read_work_pool, client.read_work_pool, template)
        for deployment in deployments:
            # Prefect skips deployments without a name.
            if deployment.get("name") is not None:
                await _run_single_deploy(deployment, actions, client=client)
    return {"template": template, "deployments": recorder.deployments}


def main(file: str) -> None:
    """Write the result to `file`, or exit with Prefect's error message."""
    import_prefect()
    try:
        write_json(Path(file), asyncio.run(_ask_prefect()))
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1])
