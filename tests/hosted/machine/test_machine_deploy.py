"""`make hosted-deploy`: the platform runs, and comes back."""

from compose.stack.settings.passwords import SECRETS
from flows.local.machine import wait_until
from tests.hosted.machine.hosted_machine import CORE, DOMAIN, ENVIRONMENT, TRIES, Machine, changed


def test_every_service_is_healthy_and_keeps_its_data_on_the_data_volume(machine: Machine) -> None:
    assert set(machine.containers()) == CORE
    assert machine.ssh("findmnt --noheadings --output SOURCE /srv/kpi").strip() == "/dev/vdb"
    folder = machine.ssh(
        "docker volume inspect kpi_postgres --format '{{index .Options \"device\"}}'"
    )
    assert folder.strip() == "/srv/kpi/volumes/postgres"
    assert "PG_VERSION" in machine.ssh("ls /srv/kpi/volumes/postgres")


def test_the_second_run_changes_nothing(machine: Machine) -> None:
    before = machine.containers()

    output = machine.make("hosted-deploy")

    assert changed(output) == 0
    assert machine.containers() == before


def test_passwords_were_made_there_and_only_the_platform_reads_them(machine: Machine) -> None:
    settings = machine.settings

    assert [SECRETS[name].fault(settings[name]) for name in SECRETS] == [None] * len(SECRETS)
    assert machine.ssh(f"stat --format '%a %U' {ENVIRONMENT} /srv/kpi/login").split() == [
        *("600", "kpi"),
        *("600", "root"),
    ]
    assert machine.ssh("id --groups --name kpi").split() == ["kpi", "docker"]


def test_after_a_reboot_it_is_healthy_again(machine: Machine) -> None:
    before = started(machine)

    machine.control("reboot")
    machine.control("wait", TRIES)

    assert wait_until(lambda: set(machine.containers()) == CORE, 600)
    assert wait_until(lambda: state(machine) == "active", 600)
    assert started(machine) != before
    health = machine.get(f"https://prefect.{DOMAIN}/api/health", "kpi", machine.password)
    assert health.json() is True
    assert "policy drop" in machine.ssh("nft list chain inet kpi input")


def started(machine: Machine) -> str:
    return machine.ssh("systemctl show --value --property InvocationID kpi-platform")


def state(machine: Machine) -> str:
    return machine.ssh("systemctl show --value --property ActiveState kpi-platform").strip()
