"""A backup comes back as it was, or not at all."""

import re
from collections.abc import Callable, Iterator
from hashlib import sha256

import pytest

from flows.settings.servers import S3Settings
from tests.hosted.machine.hosted_machine import CORE, ENVIRONMENT, Machine
from tests.s3_endpoint import client_of, content, keys

BUCKET = "kpi-backups"
# Nothing writes into these while nobody runs a flow.
QUIET = ("airflow_db", "crypto_db", "mlflow_db")
# It does not answer when a backup begins, and does a quarter of a minute later.
POSTGRES_IS_BUSY = (
    "docker pause kpi-postgres-1; timeout 300 bash -c"
    ' "until systemctl is-active kpi-backup | grep -q activating; do sleep 1; done; sleep 15";'
    " docker unpause kpi-postgres-1"
)
# One statement for each table; psql runs what it reads.
EACH_TABLE = (
    "SELECT format('SELECT %L, count(*), md5(string_agg(md5(t::text), %L ORDER BY md5(t::text)))"
    " FROM %I.%I AS t', format('%I.%I', schemaname, tablename), '', schemaname, tablename)"
    " FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') \\gexec"
)


def query(machine: Machine, database: str, statement: str) -> list[str]:
    """Return the lines of an answer; a statement has no double quotes."""
    psql = "docker exec -i kpi-postgres-1 psql --username postgres --no-align --tuples-only"
    return machine.ssh(f'{psql} --dbname {database} <<< "{statement}"').splitlines()


def fingerprints(machine: Machine) -> list[str]:
    """Return rows and hash of each table, computed in another way than the backup does."""
    return sorted(
        f"{database}.{line}" for database in QUIET for line in query(machine, database, EACH_TABLE)
    )


@pytest.fixture(scope="module")
def filled(machine: Machine) -> Machine:
    """The machine after a daily run, asked for there as docs/hosted.md tells."""
    machine.ssh(
        "cd /opt/kpi/current && sudo -u kpi python3 -m compose.stack"
        f" --env-file {ENVIRONMENT} crypto-run"
    )
    return machine


@pytest.fixture(scope="module")
def backup(filled: Machine) -> str:
    """The name of a backup of it."""
    said = filled.make("hosted-backup")
    [name] = re.findall(r"Backed up 4 databases with \d+ tables as ([0-9TZ-]+), .* in \d+ s", said)
    return name


def test_lost_databases_and_files_are_restored_to_the_row(
    filled: Machine, backup: str, store: S3Settings
) -> None:
    before = fingerprints(filled)
    [events] = [line for line in before if line.startswith("crypto_db.prod.bt_crypto_events|")]
    assert int(events.split("|")[1]) > 0
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
    assert set(filled.containers()) == CORE
    runs = "SELECT count(*) FROM flow_run WHERE state_type = 'COMPLETED'"
    assert int(query(filled, "prefect_db", runs)[0]) > 0
    left = "SELECT datname FROM pg_database WHERE datname ~ '_(restored|replaced)$'"
    assert query(filled, "postgres", left) == []
    filled.ssh(f"systemd-run bash -c '{POSTGRES_IS_BUSY}'")
    filled.make("hosted-backup")
    assert {key for key in keys(store, BUCKET) if "files/ge-artifacts/" in key} == validations


@pytest.fixture
def kept(backup: str, store: S3Settings) -> dict[str, bytes]:
    """The files of the backup."""
    prefix = f"postgres/{backup}/"
    return {
        key.removeprefix(prefix): body
        for key, body in content(store, BUCKET).items()
        if key.startswith(prefix)
    }


@pytest.fixture
def another(store: S3Settings) -> Iterator[Callable[[dict[str, bytes]], str]]:
    """Puts these files into the bucket as a backup, and returns its name; gone after the test."""
    client, name = client_of(store), "2001-01-01T00-00-00Z"
    made: list[str] = []

    def put(files: dict[str, bytes]) -> str:
        for file, body in files.items():
            made.append(f"postgres/{name}/{file}")
            client.put_object(Bucket=BUCKET, Key=made[-1], Body=body)
        return name

    yield put
    for key in made:
        client.delete_object(Bucket=BUCKET, Key=key)


def test_a_damaged_backup_changes_nothing(
    filled: Machine, kept: dict[str, bytes], another: Callable[[dict[str, bytes]], str]
) -> None:
    before = fingerprints(filled)
    damaged = another(kept | {"crypto_db.dump": kept["crypto_db.dump"][:-1] + b"?"})

    sentence = filled.refused("hosted-restore", FORCE="1", AT=damaged)

    assert sentence.startswith(f"kpi: The backup {damaged} is damaged")
    assert sentence.endswith("Nothing was changed.")
    assert fingerprints(filled) == before


def test_a_backup_that_does_not_come_back_as_it_was_replaces_nothing(
    filled: Machine, kept: dict[str, bytes], another: Callable[[dict[str, bytes]], str]
) -> None:
    before = fingerprints(filled)
    # As if there had been more rows in one of them, with checksums that agree.
    tables = re.sub(rb"\|(\d+)\|", rb"|\g<1>1|", kept["crypto_db.tables"], count=1)
    assert tables != kept["crypto_db.tables"]
    changed = kept | {"crypto_db.tables": tables}
    other = another(changed | {"SHA256SUMS": _sums(changed)})

    sentence = filled.refused("hosted-restore", FORCE="1", AT=other)

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
        "'. /usr/local/lib/kpi/common.sh; store_keys; rclone {}'"
    )
    filled.ssh(rclone.format("delete store:ge-artifacts").replace("'", '"'))
    try:
        sentence = filled.refused("hosted-backup")

        assert sentence.startswith("kpi: store:ge-artifacts is empty, and its mirror in")
        assert {key for key in keys(store, BUCKET) if "files/ge-artifacts/" in key} == mirrored
    finally:
        copy = rclone.format("copy backup:kpi-backups/files/ge-artifacts store:ge-artifacts")
        filled.ssh(copy.replace("'", '"'))


def test_every_night_and_after_a_night_that_was_slept_through(machine: Machine) -> None:
    timer = machine.ssh("systemctl show kpi-backup.timer --property TimersCalendar,Persistent")

    assert "OnCalendar=*-*-* 02:30:00" in timer
    assert machine.ssh("systemctl is-enabled kpi-backup.timer").strip() == "enabled"


@pytest.mark.usefixtures("backup")
def test_the_machine_asks_how_its_backups_are(machine: Machine) -> None:
    """The timer's service looks at what the last backup touched, by a container of its own."""
    age = machine.ssh("echo $(( $(date +%s) - $(stat --format %Y /srv/kpi/backup/last) ))")
    assert int(age) < 3600
    assert machine.ssh("systemctl is-enabled kpi-check.timer").strip() == "enabled"

    machine.ssh("systemctl start kpi-check || true")
    said = machine.ssh("journalctl --identifier kpi-check --since -10min --output cat")
    assert "ok    the last backup is of" in said
    metrics = machine.ssh("curl --silent http://127.0.0.1:9464/metrics")
    assert '\nkpi_check_ok{check="backup"} 1.0\n' in metrics
    assert "\nkpi_backup_age_seconds " in metrics


def _sums(files: dict[str, bytes]) -> bytes:
    return "".join(
        f"{sha256(content).hexdigest()}  {name}\n"
        for name, content in files.items()
        if name != "SHA256SUMS"
    ).encode()
