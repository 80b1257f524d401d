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
# Nobody reaches another one of their members.
NOT_SHARED = {"elsewhere", "out"}
MASQUERADE = "com.docker.network.bridge.enable_ip_masquerade"
TALK = "com.docker.network.bridge.enable_icc"
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


def test_one_network_alone_always_leads_out_and_it_is_that_of_runs() -> None:
    kept = {name for name, network in NETWORKS.items() if network.get("internal")}
    where_asked = {
        name
        for name, network in NETWORKS.items()
        if network.get("driver_opts", {}).get(MASQUERADE) == "${NETWORKS_LEAD_OUT:-false}"
    }
    assert NETWORKS.keys() - kept - where_asked == {"out"}
    assert {name for name in SERVICES if "out" in of(name)} == OUTSIDE


def test_a_run_goes_out_by_no_other_network() -> None:
    # The engine would choose among them.
    for name in OUTSIDE:
        assert all(NETWORKS[other].get("internal") for other in of(name) - {"out"})


@pytest.mark.parametrize("name", sorted(NOT_SHARED))
def test_who_is_asked_by_name_is_in_no_network_whose_members_are_apart(name: str) -> None:
    assert NETWORKS[name]["driver_opts"][TALK] == "false"
    members = {member for member in SERVICES if name in of(member)}
    for asks, asked in NEEDS.items():
        assert not ({asks} <= members and asked & members)


def test_what_is_published_is_in_a_network_that_can() -> None:
    for name, service in SERVICES.items():
        if "ports" in service:
            assert any(not NETWORKS[network].get("internal") for network in of(name)), name


def test_neither_redis_nor_spark_takes_jobs_from_this_machine() -> None:
    assert "ports" not in SERVICES["redis"]
    assert [port.rpartition(":")[2] for port in SERVICES["spark-master"]["ports"]] == ["8082"]
