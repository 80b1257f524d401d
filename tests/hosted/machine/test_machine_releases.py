"""Upgrades, what goes wrong with them, and the way back."""

from collections.abc import Iterator

import pytest

from tests.hosted.machine.hosted_machine import Machine
from tests.hosted.machine.releases import Releases

ONLY_THE_PLATFORM = ("--tags", "platform")


@pytest.fixture
def first(releases: Releases) -> Iterator[str]:
    """The release that runs before a test, and is the last one again after it."""
    first = releases.last
    yield first
    releases.forget_after(first)


def current(machine: Machine) -> str:
    return machine.ssh("readlink /opt/kpi/current").strip().rpartition("/")[2]


def test_an_upgrade_restarts_what_changed_and_is_taken_back_by_one_command(
    machine: Machine, releases: Releases, first: str
) -> None:
    before = machine.containers()
    releases.replace(
        "compose/compose.yaml",
        "command: streamlit run app/main.py",
        "command: streamlit run app/main.py --server.maxUploadSize 7",
    )
    second = releases.commit("Take smaller files")

    machine.make("hosted-deploy", *ONLY_THE_PLATFORM)

    upgraded = machine.containers()
    assert current(machine) == second
    assert upgraded.keys() == before.keys()
    assert {name for name in before if upgraded[name] != before[name]} == {"app"}

    machine.make("hosted-rollback")

    after = machine.containers()
    assert current(machine) == first
    assert {name for name in before if after[name] != upgraded[name]} == {"app"}
    assert "maxUploadSize" not in machine.ssh("docker inspect kpi-app-1 --format '{{.Config.Cmd}}'")


def test_a_release_that_does_not_become_healthy_is_taken_back(
    machine: Machine, releases: Releases, first: str
) -> None:
    before = machine.containers()
    releases.replace(
        "compose/compose.yaml", "command: kpi prepare buckets", "command: kpi prepare nothing"
    )
    broken = releases.commit("Forget the buckets")

    sentence = machine.refused("hosted-deploy", *ONLY_THE_PLATFORM)

    assert f"Release {broken} did not become healthy on kpi: " in sentence
    assert "buckets ended with exit code 2" in sentence
    assert sentence.endswith(f"Release {first} runs again, with its settings.")
    assert current(machine) == first
    assert machine.containers().keys() == before.keys()
    assert machine.containers()["postgres"] == before["postgres"]


@pytest.fixture
def earlier(machine: Machine, first: str) -> Iterator[str]:
    """A release that ran before, and has a migration less."""
    name = "0123456789ab"
    machine.ssh(
        f"cp -r /opt/kpi/releases/{first} /opt/kpi/releases/{name}"
        f" && rm $(ls /opt/kpi/releases/{name}/sql/migrations/*.sql | tail -n 1)"
        f" && cp -P /opt/kpi/previous /opt/kpi/previous.kept || true"
        f" && ln -sfn /opt/kpi/releases/{name} /opt/kpi/previous"
    )
    yield name
    machine.ssh(
        f"rm -r /opt/kpi/releases/{name} /opt/kpi/previous"
        " && if [ -e /opt/kpi/previous.kept ]; then"
        " mv /opt/kpi/previous.kept /opt/kpi/previous; fi"
    )


def test_no_way_back_behind_a_change_of_the_warehouse(
    machine: Machine, first: str, earlier: str
) -> None:
    before = machine.containers()

    sentence = machine.refused("hosted-rollback")

    assert sentence.startswith(f"kpi: The migrations of {first} and {earlier} differ")
    assert sentence.endswith("deploy a fix instead. Nothing was changed.")
    assert current(machine) == first
    assert machine.containers() == before
