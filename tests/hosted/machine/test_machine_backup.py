"""A backup comes back as it was, or not at all."""

import re
from collections.abc import Iterator
from hashlib import sha256

import pytest
from hosted_machine import ENVIRONMENT, Machine
from object_store import client_of, keys

from flows.platform.server_settings import S3Settings

BUCKET = "kpi-backups"
# Nothing writes into these while nobody runs a flow.
QUIET = ("airflow_db", "crypto_db", "mlflow_db")
TABLES = (
    "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
    " WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
)


def query(machine: Machine, database: str, statement: str) -> list[str]:
    """Return the lines of an answer; a statement has no double quotes."""
    psql = "docker exec kpi-postgres-1 psql --username postgres --no-align --tuples-only"
    return machine.ssh(f'{psql} --dbname {database} --command "{statement}"').splitlines()


def fingerprints(machine: Machine) -> dict[str, str]:
    """Return rows and hash of each table, computed in another way than the backup does."""
    found = {}
    for database in QUIET:
        for table in query(machine, database, TABLES):
            hashes = "SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY md5(t::text)))"
            [found[f"{database}.{table}"]] = query(machine, database, f"{hashes} FROM {table} t")
    return found


@pytest.fixture(scope="module")
def filled(machine: Machine) -> Machine:
    """The machine after a daily run, asked for there as docs/hosted.md tells."""
    machine.ssh(
        "cd /opt/kpi/current && sudo -u kpi python3 -m compose.stack"
        f" --env-file {ENVIRONMENT} crypto-run"
    )
    return machine


@pytest.fixture
def backup(filled: Machine) -> str:
    """The name of a backup that was just made."""
    said = filled.make("hosted-backup")
    [name] = re.findall(r"Backed up 4 databases with \d+ tables as ([0-9TZ-]+), .* in \d+ s", said)
    return name


def test_lost_databases_and_files_are_restored_to_the_row(
    filled: Machine, backup: str, store: S3Settings
) -> None:
    before = fingerprints(filled)
    assert int(before["crypto_db.prod.bt_crypto_events"].split("|")[0]) > 0
    validations = {key for key in keys(store, BUCKET) if "files/ge-artifacts/" in key}
    assert validations
    filled.ssh("systemctl stop kpi-platform && docker rm --force kpi-postgres-1 kpi-minio-1")
    filled.ssh("find /srv/kpi/volumes/postgres /srv/kpi/volumes/minio -mindepth 1 -delete")

    said = filled.make("hosted-restore", FORCE="1", AT=backup)

    assert re.search(
        rf"Restored 4 databases with \d+ tables, each as it was backed up at {backup}, in \d+ s",
        " ".join(said.split()),
    )
    assert fingerprints(filled) == before
    assert set(filled.containers()) == {"postgres", "minio", "prefect", "worker", "mlflow", "app"}
    runs = "SELECT count(*) FROM flow_run WHERE state_type = 'COMPLETED'"
    assert int(query(filled, "prefect_db", runs)[0]) > 0
    left = "SELECT datname FROM pg_database WHERE datname ~ '_(restored|replaced)$'"
    assert query(filled, "postgres", left) == []
    filled.make("hosted-backup")
    assert {key for key in keys(store, BUCKET) if "files/ge-artifacts/" in key} == validations


@pytest.fixture
def damaged(backup: str, store: S3Settings) -> Iterator[dict[str, bytes]]:
    """The files of a backup, put back after the test."""
    client = client_of(store)
    prefix = f"postgres/{backup}/"
    files = {
        key.removeprefix(prefix): client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        for key in keys(store, BUCKET)
        if key.startswith(prefix)
    }
    yield files
    for name in files:
        client.delete_object(Bucket=BUCKET, Key=prefix + name)


def test_a_damaged_backup_changes_nothing(
    filled: Machine, backup: str, damaged: dict[str, bytes], store: S3Settings
) -> None:
    before, client = fingerprints(filled), client_of(store)
    key = f"postgres/{backup}/crypto_db.dump"
    client.put_object(Bucket=BUCKET, Key=key, Body=damaged["crypto_db.dump"][:-1] + b"?")

    cut = filled.refused("hosted-restore", FORCE="1", AT=backup)

    assert cut.startswith(f"kpi: The backup {backup} is damaged")
    assert cut.endswith("Nothing was changed.")
    assert fingerprints(filled) == before


def test_a_backup_that_does_not_come_back_as_it_was_replaces_nothing(
    filled: Machine, backup: str, damaged: dict[str, bytes], store: S3Settings
) -> None:
    before, client = fingerprints(filled), client_of(store)
    prefix = f"postgres/{backup}/"
    # As if a row more had been there: with checksums that agree.
    tables = re.sub(
        rb"(prod\.bt_crypto_events)\|\d+\|", rb"\1|1000000|", damaged["crypto_db.tables"]
    )
    assert tables != damaged["crypto_db.tables"]
    client.put_object(Bucket=BUCKET, Key=f"{prefix}crypto_db.tables", Body=tables)
    client.put_object(
        Bucket=BUCKET, Key=f"{prefix}SHA256SUMS", Body=_sums(damaged | {"crypto_db.tables": tables})
    )

    sentence = filled.refused("hosted-restore", FORCE="1", AT=backup)

    assert sentence.startswith("kpi: crypto_db does not come back as it was backed up")
    assert fingerprints(filled) == before
    left = "SELECT datname FROM pg_database WHERE datname ~ '_(restored|replaced)$'"
    assert query(filled, "postgres", left) == []


def test_a_backup_that_nobody_made(filled: Machine, backup: str) -> None:
    sentence = filled.refused("hosted-restore", FORCE="1", AT="1999-01-01T00-00-00Z")

    assert sentence.startswith("kpi: There is no backup 1999-01-01T00-00-00Z: the last ones are ")
    assert backup in sentence


def test_an_emptied_store_does_not_empty_its_mirror(
    filled: Machine, backup: str, store: S3Settings
) -> None:
    mirrored = {key for key in keys(store, BUCKET) if "files/ge-artifacts/" in key}
    assert mirrored
    rclone = (
        "systemd-run --quiet --pipe --wait --property EnvironmentFile=/etc/kpi/backup.env bash -c "
        "'. /usr/local/lib/kpi/common.sh; rclone {}'"
    )
    filled.ssh(rclone.format("delete store:ge-artifacts").replace("'", '"'))
    try:
        sentence = filled.refused("hosted-backup")

        assert sentence.startswith("kpi: store:ge-artifacts is empty, and its mirror in")
        assert {key for key in keys(store, BUCKET) if "files/ge-artifacts/" in key} == mirrored
    finally:
        copy = rclone.format("copy $mirror/ge-artifacts store:ge-artifacts")
        filled.ssh(copy.replace("'", '"'))


def test_every_night_and_after_a_night_that_was_slept_through(machine: Machine) -> None:
    timer = machine.ssh("systemctl show kpi-backup.timer --property TimersCalendar,Persistent")

    assert "OnCalendar=*-*-* 02:30:00" in timer
    assert machine.ssh("systemctl is-enabled kpi-backup.timer").strip() == "enabled"


def _sums(files: dict[str, bytes]) -> bytes:
    return "".join(
        f"{sha256(content).hexdigest()}  {name}\n"
        for name, content in files.items()
        if name != "SHA256SUMS"
    ).encode()
