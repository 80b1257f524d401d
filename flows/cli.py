"""The `kpi` command."""

import os
import signal
import sys

import psycopg
import typer

from flows.commands import (
    blocks,
    churn,
    crypto_events,
    database,
    demo,
    deploy,
    doctor,
    drift,
    ingest,
    notify,
    platform,
    prepare,
    rejects,
    sample_data,
    step,
)
from flows.platform.errors import KpiError
from flows.platform.warehouse import is_transient

_OF_THE_WAREHOUSE = (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege)

app = typer.Typer(
    help="Crypto events and churn: validated data products on PostgreSQL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for subject in (
    demo,
    ingest,
    crypto_events,
    rejects,
    churn,
    drift,
    sample_data,
    step,
    notify,
    platform,
    database,
    deploy,
    blocks,
    prepare,
    doctor,
):
    subject.register(app)


def main() -> None:
    """Run the command; what a user can act on ends as one sentence and an exit code."""
    # As an exception, so that what this process started is stopped.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        app()
    except KpiError as error:
        typer.echo(f"kpi: {error}", err=True)
        sys.exit(error.exit_code)
    except Exception as error:
        # Great Expectations wraps what the warehouse says.
        if not (is_transient(error) or isinstance(error, _OF_THE_WAREHOUSE)):
            raise
        reason = str(error).strip().splitlines()[0]
        what = "refused" if getattr(error, "sqlstate", None) else "does not answer"
        typer.echo(f"kpi: The warehouse {what}: {reason}. Try `kpi doctor`.", err=True)
        # Whoever called, Airflow say, tells by it what is worth another try.
        sys.exit(os.EX_TEMPFAIL if is_transient(error) else 1)


if __name__ == "__main__":
    main()
