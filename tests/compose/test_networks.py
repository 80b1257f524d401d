"""The networks of the platform: who is in one with whom, and who has a way out."""

from itertools import permutations
from typing import Any

import pytest
import yaml

from flows.paths import REPOSITORY
from tests.compose.boundaries import NEEDS, OUTSIDE, PORTS, may_reach

COMPOSE = yaml.safe_load((REPOSITORY / "compose" / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
NETWORKS: dict[str, dict[str, Any]] = COMPOSE["networks"]
AS_WRITTEN = "${NETWORK_OUT:-edge}"
# Nobody reaches another one of their members.
NOT_SHARED = {"edge", "out", AS_WRITTEN}
STAYING = {name for name, service in SERVICES.items() if service["restart"] != "no"}


def of(name: str) -> set[str]:
    """The networks of a service."""
    return set(SERVICES[name].get("networks", []))


def test_the_table_knows_every_service_that_stays() -> None:
    assert set(NEEDS) == STAYING
    assert set(PORTS) <= STAYING


@pytest.mark.parametrize("name", sorted(STAYING))
def test_a_service_is_in_a_network_with_whom_the_table_says(name: str) -> None:
    beside = {
        other
        for one, other in permutations(STAYING, 2)
        if one == name and (of(one) & of(other)) - NOT_SHARED
    }
    assert beside == may_reach(name)


def test_every_service_says_its_networks() -> None:
    # One that says none would be in one with all others that say none.
    without = {name for name in SERVICES if not of(name)}
    assert without == {"minio-folder"}
    assert SERVICES["minio-folder"]["network_mode"] == "none"


def test_only_two_networks_lead_anywhere_else() -> None:
    assert {name for name, network in NETWORKS.items() if not network.get("internal")} == {
        "edge",
        "out",
    }
    for name in ("edge", "out"):
        assert NETWORKS[name]["driver_opts"]["com.docker.network.bridge.enable_icc"] == "false"
    masquerade = "com.docker.network.bridge.enable_ip_masquerade"
    assert NETWORKS["edge"]["driver_opts"][masquerade] == "false"
    assert masquerade not in NETWORKS["out"]["driver_opts"]


def test_runs_alone_always_have_a_way_out() -> None:
    assert {name for name in SERVICES if "out" in of(name)} == OUTSIDE


def test_what_is_published_has_a_network_for_it_and_no_second_one() -> None:
    for name, service in SERVICES.items():
        if "ports" in service:
            assert len(of(name) & NOT_SHARED) == 1, name


def test_neither_redis_nor_spark_takes_jobs_from_this_machine() -> None:
    assert "ports" not in SERVICES["redis"]
    assert [port.rpartition(":")[2] for port in SERVICES["spark-master"]["ports"]] == ["8082"]
