"""The platform on a machine of its own, brought there once by `make hosted-deploy`.

Excluded from `make test`: it needs a program that makes machines (`make test-machine`).
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

import pytest
import yaml

from compose.stack.settings.environment import assignments, example
from flows.local.machine import free_port
from flows.paths import REPOSITORY
from flows.settings.servers import S3Settings
from tests.hosted.machine.hosted_machine import DOMAIN, PATIENCE, TRIES, Machine
from tests.hosted.machine.releases import Releases
from tests.s3_endpoint import s3_endpoint

BACKUPS = "kpi-backups"
IMAGE = "kpi-delivery:test"


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image of this repository, built here: on the machine, it would take minutes more."""
    file = tmp_path_factory.mktemp("build") / "platform.env"
    tool = [sys.executable, "-m", "compose.stack", "--env-file", str(file)]
    for command in (["configure", f"KPI_IMAGE={IMAGE}"], ["build"]):
        subprocess.run([*tool, *command], cwd=REPOSITORY, check=True, timeout=PATIENCE)
    return IMAGE


@pytest.fixture(scope="session")
def bare_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine that nobody has touched; nothing of it is left afterwards."""
    program = Path(os.environ["KPI_TEST_MACHINE"]).resolve()
    inventory = tmp_path_factory.mktemp("inventory") / "hosts"
    machine = Machine(program, f"kpi-test-{token_hex(4)}", free_port(), inventory)
    try:
        machine.control("start")
        machine.control("wait", TRIES)
        _, how = machine.control("inventory").strip().split(" ", maxsplit=1)
        inventory.write_text(f"[platform]\nkpi {how}\n", encoding="utf-8")
        yield machine
    finally:
        machine.control("stop", check=False)


@pytest.fixture(scope="session")
def store(bare_machine: Machine) -> Iterator[S3Settings]:
    """The store that backups go to, on this machine."""
    with s3_endpoint(BACKUPS, address=bare_machine.gateway) as s3:
        yield s3


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    """What is deployed."""
    return Releases.made(tmp_path_factory.mktemp("releases") / "repository")


@pytest.fixture(scope="session")
def machine(bare_machine: Machine, store: S3Settings, releases: Releases, image: str) -> Machine:
    """The machine with the platform on it."""
    assert store.secret_access_key is not None
    # In these names, the sign says how far west a zone is: there it is noon, and nothing scheduled.
    west = datetime.now(UTC).hour - 12
    variables = {
        "data_volume_device": "/dev/vdb",
        # Docker cannot keep layers on the layers of the container that the machine is.
        "docker_data_root": "/srv/kpi/docker",
        # Swap is the host's.
        "base_swap_mb": 0,
        "proxy_domain": DOMAIN,
        "proxy_tls": "internal",
        "platform_repository": str(releases.folder),
        "platform_settings": {"KPI_TIME_ZONE": f"Etc/GMT{west:+d}"},
        "backup_bucket": BACKUPS,
        "backup_endpoint": store.endpoint_url,
        "backup_access_key_id": store.access_key_id,
        "backup_secret_access_key": store.secret_access_key.get_secret_value(),
    }
    host_vars = bare_machine.inventory.parent / "host_vars"
    host_vars.mkdir()
    (host_vars / "kpi.yml").write_text(yaml.safe_dump(variables), encoding="utf-8")
    bare_machine.make("hosted-deploy", "--tags", "base,data_volume,docker")
    defaults = assignments(example())
    # Images that were made on a machine have no digest.
    tags = (defaults[name].partition("@")[0] for name in ("POSTGRES_IMAGE", "MINIO_IMAGE"))
    bare_machine.control("load", *tags)
    bare_machine.carry(image)
    bare_machine.make("hosted-deploy", "--tags", "platform,proxy,backup,check")
    return bare_machine
