"""Prefect's and MLflow's servers as in containers, on databases that nobody else reaches."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
from psycopg import sql

from flows.local.machine import LOOPBACK, free_port, wait_until
from flows.local.postgres.prefect_layout import lay_out
from flows.local.postgres.server import PostgresServer
from flows.platform.deployments import prefect_server
from flows.platform.tracking import mlflow_server

PATIENCE = 900


@contextmanager
def prefect_on(server: PostgresServer, folder: Path) -> Iterator[str]:
    """Run Prefect's server on its own tables; yield the address of its API."""
    settled = lay_out(server, "prefect_db")
    url = server.url("prefect_db").replace("postgresql://", "postgresql+asyncpg://")
    variables = {
        **settled,
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_DATABASE_CONNECTION_URL": url,
        "PREFECT_SERVER_ENCRYPTION_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_UI_ENABLED": "false",
    }
    with _serving(prefect_server.__name__, variables, folder / "prefect.log", "/api/health") as at:
        yield f"{at}/api"


@contextmanager
def mlflow_on(server: PostgresServer, folder: Path) -> Iterator[str]:
    """Run MLflow's server, which proxies its files; yield its address."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE mlflow_db")
    variables = {
        # Not by the driver that its image has: that is not installed here.
        mlflow_server.STORE: server.url("mlflow_db").replace("postgresql:", "postgresql+psycopg:"),
        mlflow_server.FILES: (folder / "artifacts").as_uri(),
        mlflow_server.HOSTS: f"mlflow:*,{LOOPBACK}:*",
        mlflow_server.ORIGINS: "https://mlflow.example.com",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    with _serving(mlflow_server.__name__, variables, folder / "mlflow.log", "/health") as address:
        yield address


@contextmanager
def _serving(module: str, variables: Mapping[str, str], log: Path, health: str) -> Iterator[str]:
    port = free_port()
    address = f"http://{LOOPBACK}:{port}"
    command = [sys.executable, "-m", "uvicorn", "--factory", f"{module}:create_app"]
    command += ["--host", LOOPBACK, "--port", str(port), "--log-level", "warning"]
    foreign = ("KPI_", "MLFLOW_", "PREFECT_")
    alone = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env={**alone, **variables}
        )
    try:
        wait_until(lambda: process.poll() is not None or _answers(address + health), PATIENCE)
        assert process.poll() is None, log.read_text()
        yield address
    finally:
        process.terminate()
        process.wait()


def _answers(address: str) -> bool:
    try:
        return httpx.get(address).is_success
    except httpx.TransportError:
        return False


def tables_with(server: PostgresServer, database: str, text: str) -> set[str]:
    """Return the tables of a database that hold the text anywhere."""
    with psycopg.connect(server.url(database)) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        return {
            name
            for (name,) in tables
            if connection.execute(
                sql.SQL("SELECT 1 FROM {} AS t WHERE t::text LIKE %s LIMIT 1").format(
                    sql.Identifier(name)
                ),
                [f"%{text}%"],
            ).fetchone()
        }
