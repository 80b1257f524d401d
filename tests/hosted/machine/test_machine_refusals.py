"""What cannot be is refused in one sentence, before anything is damaged."""

from collections.abc import Iterator

import pytest

from tests.hosted.machine.hosted_machine import Machine


@pytest.fixture
def foreign_disk(machine: Machine) -> Iterator[str]:
    """A disk with somebody's file system on it."""
    machine.ssh("truncate --size 20M /root/foreign && mkswap /root/foreign")
    # Its node may be missing, which is told behind the name.
    device = machine.ssh("losetup --find").split()[0]
    number = device.removeprefix("/dev/loop")
    machine.ssh(f"test -e {device} || mknod {device} b 7 {number}; losetup {device} /root/foreign")
    yield device
    machine.ssh(f"losetup --detach {device}; rm /root/foreign")


def test_a_data_volume_that_is_not_there(machine: Machine) -> None:
    before = machine.containers()

    sentence = machine.refused("hosted-deploy", "-e", "data_volume_device=/dev/disk/by-id/gone")

    assert sentence == (
        "kpi: The data volume /dev/disk/by-id/gone is not attached to kpi: attach it "
        "(make hosted-up does), or set data_volume_device to a disk that lsblk lists."
    )
    assert machine.containers() == before


def test_a_disk_that_somebody_uses_is_never_formatted(machine: Machine, foreign_disk: str) -> None:
    before = machine.ssh(f"sha256sum {foreign_disk}")

    sentence = machine.refused(
        "hosted-deploy", "--tags", "data_volume", "-e", f"data_volume_device={foreign_disk}"
    )

    assert sentence == (
        f"kpi: {foreign_disk} holds something else than ext4 (TYPE=swap), and is never formatted "
        "again: name an empty disk as data_volume_device."
    )
    assert machine.ssh(f"sha256sum {foreign_disk}") == before


def test_without_the_data_volume_nothing_starts(machine: Machine) -> None:
    sentence = machine.refused("hosted-rollback", "-e", "kpi_data_folder=/srv/elsewhere")

    assert sentence.startswith("kpi: The data volume is not mounted at /srv/elsewhere of kpi")
    asserts = machine.ssh(
        "systemctl show --property AssertPathIsMountPoint kpi-platform; systemctl cat kpi-platform"
    )
    assert "AssertPathIsMountPoint=/srv/kpi" in asserts


def test_another_firewall(machine: Machine) -> None:
    # Any program under its name: the real one would remove the rules of everybody else.
    machine.ssh("systemd-run --unit firewalld sleep 600")
    try:
        sentence = machine.refused("hosted-deploy", "--tags", "base")
    finally:
        machine.ssh("systemctl stop firewalld")

    assert sentence.startswith("kpi: firewalld or nftables.service runs on kpi, and would remove")


def test_a_release_that_nobody_has(machine: Machine) -> None:
    sentence = machine.refused(
        "hosted-deploy", "--tags", "platform", "-e", "platform_ref=no-such-tag"
    )

    assert sentence.startswith("kpi: There is no commit no-such-tag in ")


def test_a_setting_that_the_platform_does_not_have(machine: Machine) -> None:
    settings = '{"platform_settings":{"KPI_TIMEZONE":"UTC"}}'

    sentence = machine.refused("hosted-deploy", "--tags", "platform", "-e", f"'{settings}'")

    assert sentence.startswith("kpi: KPI_TIMEZONE is no variable of the platform")


def test_a_bucket_that_nobody_has(machine: Machine) -> None:
    sentence = machine.refused(
        "hosted-deploy", "--tags", "backup", "-e", "backup_bucket=nobodys-bucket"
    )

    assert sentence.startswith("kpi: kpi cannot look into the bucket nobodys-bucket (")
    machine.make("hosted-deploy", "--tags", "backup")
