"""The job templates of Docker and Kubernetes, filled in by Prefect as its workers do."""

import asyncio
import json
import os
from copy import deepcopy
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError
from kubernetes import client as kubernetes

from flows.errors import BadInput, KpiError
from flows.paths import REPOSITORY
from flows.platform.deployments.work_pool import job_template, require_type, require_worker
from flows.platform.orchestration.environment import configure_prefect
from flows.settings import Settings

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.in_process,
    pytest.mark.usefixtures("prefect_api"),
]

TYPES = ("docker", "kubernetes")
COMPOSE = yaml.safe_load((REPOSITORY / "compose/compose.yaml").read_text(encoding="utf-8"))
# Of Prefect's Docker worker, and younger than the schema within Prefect's package.
YOUNGER = {"container_create_kwargs"}
OF_A_DEPLOYMENT: dict[str, dict[str, Any]] = {
    "docker": {"mem_limit": "6g", "image": "registry.example/kpi:2"},
    "kubernetes": {"memory": "6Gi", "image": "registry.example/kpi:2"},
}


def template(kind: str) -> dict[str, Any]:
    found = job_template(Settings(prefect_work_pool_type=kind))
    assert found is not None
    return found


def workers_own(kind: str) -> dict[str, Any]:
    """The template that the worker brings, which Prefect's package holds for every worker."""
    import prefect

    views = Path(prefect.__file__).parent / "server/api/collections_data/views"
    metadata = json.loads((views / "aggregate-worker-metadata.json").read_text(encoding="utf-8"))
    return dict(metadata[f"prefect-{kind}"][kind]["default_base_job_configuration"])


def rendered(kind: str, **job_variables: Any) -> dict[str, Any]:
    """The job of a deployment with these job variables; each kind of worker adds its own keys."""
    from prefect.client.orchestration import PrefectClient
    from prefect.workers.base import BaseJobConfiguration

    class Job(BaseJobConfiguration):
        class Config:
            extra = "allow"

    async def fill_in() -> dict[str, Any]:
        async with PrefectClient("http://nobody.invalid/api") as nobody:
            given = (deepcopy(template(kind)), job_variables)
            job = await Job.from_template_and_values(*given, client=nobody)
        return dict(job.dict(exclude_none=True))

    return asyncio.run(fill_in())


def manifest(job: dict[str, Any]) -> dict[str, Any]:
    """A job's manifest, with the environment as a list: the worker's part."""
    found = deepcopy(job["job_manifest"])
    [container] = found["spec"]["template"]["spec"]["containers"]
    container["env"] = [{"name": name, "value": value} for name, value in job["env"].items()]
    return dict(found)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("given", [{}, OF_A_DEPLOYMENT], ids=["as it is", "with job variables"])
def test_a_job_is_what_the_worker_takes(kind: str, given: dict[str, Any]) -> None:
    theirs = workers_own(kind)
    job = rendered(kind, **given.get(kind, {}))

    assert set(job) - YOUNGER <= set(theirs["job_configuration"])
    strict = Draft202012Validator({**theirs["variables"], "additionalProperties": False})
    strict.validate({name: job[name] for name in set(job) - YOUNGER - {"job_manifest"}})


@pytest.mark.parametrize("kind", TYPES)
def test_job_variables_of_another_form_are_refused(kind: str) -> None:
    ours = Draft202012Validator(template(kind)["variables"])
    ours.validate(OF_A_DEPLOYMENT[kind])
    for name in OF_A_DEPLOYMENT[kind]:
        with pytest.raises(ValidationError):
            ours.validate({name: 6})


@pytest.mark.parametrize("kind", TYPES)
def test_a_deployments_variables_stand_beside_ours(kind: str) -> None:
    job = rendered(kind, env={"KPI_TIME_ZONE": "Europe/Madrid"}, **OF_A_DEPLOYMENT[kind])

    assert job["env"] == rendered(kind)["env"] | {"KPI_TIME_ZONE": "Europe/Madrid"}
    text = json.dumps(job)
    assert all(f'"{value}"' in text for value in OF_A_DEPLOYMENT[kind].values())


def test_a_manifest_is_a_job_to_kubernetes_own_client() -> None:
    job = manifest(rendered("kubernetes"))
    api = kubernetes.ApiClient()

    understood = api._ApiClient__deserialize(job, "V1Job")

    # What it does not know, it leaves out.
    assert api.sanitize_for_serialization(understood) == job


@pytest.mark.parametrize("kind", TYPES)
def test_a_run_finds_what_a_workers_process_finds(kind: str, tmp_path: Path) -> None:
    before = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    with patch.dict(os.environ, before, clear=True):
        configure_prefect(Settings(home=tmp_path, storage="s3"))
        needed = {name: os.environ[name] for name in os.environ if name.startswith("PREFECT_")}
    del needed["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"]  # without a server
    needed = {name: text.replace(str(tmp_path), "/var/lib/kpi") for name, text in needed.items()}

    assert needed.items() <= rendered(kind)["env"].items()


@pytest.mark.parametrize("kind", TYPES)
def test_no_template_holds_what_is_secret_or_ours_to_set(kind: str) -> None:
    # All of KPI_… comes by a file or a secret, of which the template knows the name.
    assert not [name for name in rendered(kind)["env"] if name.startswith(("KPI_", "AWS_"))]


def test_a_container_is_where_the_platforms_worker_is() -> None:
    job, worker = rendered("docker"), COMPOSE["services"]["worker"]

    assert job["networks"] == [f"kpi_{name}" for name in worker["networks"]]
    assert job["mem_limit"] == worker["mem_limit"]
    assert f"{{KPI_IMAGE:-{job['image']}}}" in worker["image"]
    mounted = dict(volume.split(":")[:2] for volume in job["volumes"])
    assert mounted["kpi_data"] == "/var/lib/kpi"
    sources = COMPOSE["x-files"][1]
    assert [sources["target"], "/opt/kpi/.env"] == [*mounted.values()][1:]
    environment = COMPOSE["x-places"]
    for name in ("PREFECT_API_URL", "PREFECT_EXPERIMENTAL_EVENTS"):
        assert job["env"][name] == environment[name]
    hardened = job["container_create_kwargs"]
    for name in ("cap_drop", "security_opt", "read_only", "init"):
        assert hardened[name] == worker[name]
    assert [f"{path}:{how}" for path, how in hardened["tmpfs"].items()] == worker["tmpfs"]


def test_a_pod_has_no_more_rights_than_a_container_of_the_platform() -> None:
    pod = manifest(rendered("kubernetes"))["spec"]["template"]["spec"]
    [container] = pod["containers"]

    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["envFrom"] == [{"secretRef": {"name": "kpi"}}]
    volumes = {volume["name"] for volume in pod["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes


def test_a_template_of_ones_own_is_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(template("docker") | {"mine": True}), encoding="utf-8")

    assert job_template(Settings()) is None
    assert (job_template(Settings(prefect_job_template=file)) or {})["mine"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "which cannot be read as JSON"),
        ("{", "which cannot be read as JSON"),
        ("[]", "is no base job template"),
        ('{"variables": {}}', "it needs job_configuration and variables"),
    ],
)
def test_a_template_that_is_none_is_named(tmp_path: Path, text: str | None, complaint: str) -> None:
    file = tmp_path / "mine.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")

    with pytest.raises(BadInput, match=complaint) as told:
        job_template(Settings(prefect_work_pool_type="docker", prefect_job_template=file))
    assert str(file) in str(told.value)


def test_a_pool_of_another_type_is_refused() -> None:
    require_type({"type": "docker"}, "docker")
    with pytest.raises(KpiError, match=r"of type process .* KPI_PREFECT_WORK_POOL_TYPE is docker"):
        require_type({"type": "process"}, "docker")


def test_a_worker_that_is_not_installed_is_named() -> None:
    require_worker("process")
    with pytest.raises(KpiError, match=r"pip install 'prefect-docker<0\.6'"):
        require_worker("docker")
    with pytest.raises(KpiError, match="prefect worker start --pool kpi"):
        require_worker("ecs")
