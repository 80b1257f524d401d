"""compose.yaml as a text: what it takes from the environment file, and what it says of itself."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from compose.stack.settings.environment import assignments, example
from compose.stack.settings.passwords import SECRETS
from flows.paths import REPOSITORY

COMPOSE = (REPOSITORY / "compose" / "compose.yaml").read_text(encoding="utf-8")
DATA_FOLDER = (REPOSITORY / "compose" / "data_folder.yaml").read_text(encoding="utf-8")
CONTAINERS = (REPOSITORY / "docs" / "containers.md").read_text(encoding="utf-8")
# The addresses for people are made from the ports, whose defaults stand within theirs.
VARIABLES = re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)(?:(:?[-?])([^{}]*))?\}", COMPOSE)
ADDRESSES = set(re.findall(r"\$\{([A-Z]+_URL):-http://127\.0\.0\.1:\$\{", COMPOSE))
# A service's own keys, or the common ones.
KEYS = re.findall(r"\$\{(S3_[A-Z]+_[A-Z_]+):-\$\{(S3_[A-Z_]+)(?:-kpi)?\}\}", COMPOSE)
SERVICES = yaml.safe_load(COMPOSE)["services"]
# Of the tool and of Compose itself: no service asks for them.
OF_THE_TOOL = {
    "COMPOSE_PROJECT_NAME",
    "COMPOSE_FILE",
    "COMPOSE_PROFILES",
    "DATA_FOLDER",
    "EXTRA_CA_CERTIFICATE",
}


def test_it_takes_what_the_example_describes_and_nothing_else() -> None:
    taken = {name for name, _, _ in VARIABLES} | ADDRESSES | {name for name, _ in KEYS}
    assert taken == set(assignments(example())) - OF_THE_TOOL


def test_defaults_are_those_of_the_example() -> None:
    described = assignments(example())
    for name, how, default in VARIABLES:
        if how.endswith("-"):
            assert (name, default) == (name, described[name])


def test_a_disk_of_its_own_takes_every_volume() -> None:
    folder = yaml.safe_load(DATA_FOLDER.replace("${DATA_FOLDER:?name the folder in .env}", "/data"))

    assert set(folder) == {"volumes"}
    assert {
        name: volume["driver_opts"]["device"].replace("${DATA_FOLDER}", "/data")
        for name, volume in folder["volumes"].items()
    } == {name: f"/data/{name}" for name in yaml.safe_load(COMPOSE)["volumes"]}


def test_only_who_works_on_files_of_people_has_them() -> None:
    services = yaml.safe_load(COMPOSE)["services"]
    mounts = {
        name: [mount for mount in service.get("volumes", ()) if isinstance(mount, str)]
        for name, service in services.items()
    }
    have = {name for name, found in mounts.items() if any(m.startswith("data:") for m in found)}

    assert have == {"airflow-worker", "deployments", "jupyter", "spark-worker", "worker"}
    assert mounts["metrics"] == ["watched:/var/lib/kpi:ro"]
    assert [name for name, found in mounts.items() if "watched" in "".join(found)] == ["metrics"]


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_has_a_default(name: str) -> None:
    kinds = {how for variable, how, _ in VARIABLES if variable == name}
    # The one that may be empty, where AWS gives keys to the machine.
    required = "?" if name == "S3_SECRET_ACCESS_KEY" else ":?"
    assert required in kinds
    assert kinds <= {required, ""}


def test_a_service_without_keys_of_its_own_has_the_common_ones() -> None:
    pairs = {
        (f"S3_{service}", part)
        for service in ("AIRFLOW", "APP", "MLFLOW", "RUNS")
        for part in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
    }
    assert {(own, common) for own, common in KEYS} == {
        (f"{service}_{part}", f"S3_{part}") for service, part in pairs
    }


def test_the_key_of_the_store_s_root_is_known_to_the_store_and_one_job() -> None:
    # Where it is no other's substitute.
    plain = COMPOSE.replace(":-${S3_SECRET_ACCESS_KEY}}", "}")
    services = yaml.safe_load(plain)["services"]
    assert {name for name in services if "${S3_SECRET_ACCESS_KEY" in str(services[name])} == {
        "buckets",
        "minio",
    }


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_that_stays_has_a_health_check_and_a_limit(name: str) -> None:
    service = SERVICES[name]
    assert "mem_limit" in service
    assert (service["restart"] == "no") != ("healthcheck" in service)


def test_pgadmin_registers_the_server_of_the_address(tmp_path: Path) -> None:
    pgadmin = REPOSITORY / "compose" / "pgadmin"
    [shell, option, script] = SERVICES["pgadmin"]["entrypoint"]
    script = script.replace("$$", "$").replace("/servers/", f"{pgadmin}/")
    script = re.sub(r"> \S+/", f"> {tmp_path}/", script).replace("exec /entrypoint.sh", "true")
    where = {"ADDRESS": "db.example.com:5433", "SSLMODE": "verify-full"}

    subprocess.run([shell, option, script], env=os.environ | where, check=True)

    before, after = (
        json.loads((folder / "servers.json").read_text())["Servers"]["1"]
        for folder in (pgadmin, tmp_path)
    )
    assert after == before | {
        "Host": "db.example.com",
        "Port": 5433,
        "SSLMode": "verify-full",
    }


def test_the_documented_memory_limits_are_those_of_the_services() -> None:
    rows = re.findall(r"^\| (?:core|spark|airflow|tools) \|.*\| (.*) \|$", CONTAINERS, re.MULTILINE)
    documented = [limit for row in rows for limit in row.split(", ")]
    limits = [
        re.sub(r"\$\{\w+:-(.*)\}", r"\1", service["mem_limit"])
        for service in SERVICES.values()
        if "healthcheck" in service
    ]
    assert sorted(documented) == sorted(limits)
