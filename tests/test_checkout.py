"""A clone on a machine where Git writes CRLF: what is hashed, compared and run stays the same."""

import subprocess
import sys
from pathlib import Path

import pytest

from flows.paths import REPOSITORY
from flows.platform.warehouse.connection import Connection
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings

# What the features, and so the dataset's hash, are made of: statements as the program reads them.
HASH = """
import sys
from hashlib import sha256
from flows.paths import SQL
from flows.sql_files import read_sql
names = sorted(str(path.relative_to(SQL)) for path in SQL.rglob("*.sql"))
sys.stdout.write(sha256("".join(map(read_sql, names)).encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with `core.autocrlf`."""
    folder = tmp_path_factory.mktemp("clone") / "repository"
    _git("-c", "core.autocrlf=true", "clone", "--quiet", "--shared", str(REPOSITORY), str(folder))
    return folder


@pytest.fixture(scope="module")
def with_crlf(clone: Path) -> Path:
    """Another, of a time before `.gitattributes`: each of its lines ends with CRLF."""
    folder = clone.with_name("with_crlf")
    _git("clone", "--quiet", "--shared", "--no-checkout", str(clone), str(folder))
    # Wins over .gitattributes.
    (folder / ".git" / "info" / "attributes").write_text("* text=auto !eol\n")
    _git("-C", str(folder), "-c", "core.autocrlf=true", "checkout", "--quiet")
    assert b"\r\n" in (folder / "sql" / "migrations" / "0001_crypto_events.sql").read_bytes()
    return folder


def test_a_clone_has_the_files_of_the_repository(clone: Path) -> None:
    listed = _git("-C", str(clone), "ls-files", "--eol")
    assert [line for line in listed.splitlines() if "w/crlf" in line or "w/mixed" in line] == []


def test_its_scripts_run(clone: Path) -> None:
    # The kernel would look for an interpreter whose name ends with "\r", make for such a target.
    said = subprocess.run(
        [clone / "compose" / "images" / "bin" / "kpi"],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert "/opt/kpi/.venv/bin/python" in said.stderr
    for script in (".ci/run", "ansible/roles/backup/files/backup"):
        subprocess.run(["bash", "-n", clone / script], check=True)
    subprocess.run(["make", "-C", clone, "help"], stdout=subprocess.DEVNULL, check=True)


def test_migrations_are_the_same(settings: Settings, with_crlf: Path) -> None:
    assert migrate(settings, with_crlf / "sql" / "migrations") == []


def test_migrations_that_were_recorded_with_crlf_are_the_same(
    settings: Settings, db: Connection, with_crlf: Path
) -> None:
    for path in (with_crlf / "sql" / "migrations").glob("*.sql"):
        db.execute(
            "UPDATE dqm.schema_migrations SET checksum = encode(sha256(%s), 'hex')"
            " WHERE version = %s",
            [path.read_bytes(), path.stem],
        )
    assert migrate(settings) == []


def test_statements_are_the_same(with_crlf: Path) -> None:
    ours, theirs = (
        subprocess.run(
            [sys.executable, "-c", HASH],
            cwd=folder,
            env={"PYTHONPATH": str(folder)},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for folder in (REPOSITORY, with_crlf)
    )
    assert ours == theirs


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout
