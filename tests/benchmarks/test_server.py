"""What benchmarks measure runs on a server as the platform's."""

from pathlib import Path

import psycopg

from benchmarks.server import benchmark_server, platform_settings


def test_the_server_has_the_platforms_settings(tmp_path: Path) -> None:
    with (
        benchmark_server(tmp_path) as server,
        psycopg.connect(server.url("postgres")) as connection,
    ):
        found = {
            name: connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            for name in ("shared_buffers", "max_wal_size", "max_connections", "autovacuum")
        }
    assert found == {
        "shared_buffers": ("512MB",),
        "max_wal_size": ("4GB",),
        "max_connections": ("200",),
        "autovacuum": ("off",),
    }


def test_the_platforms_server_quotes_no_row_in_its_log() -> None:
    assert platform_settings()["log_error_verbosity"] == "terse"
