"""MLflow's tables in PostgreSQL: a later MLflow refuses those of an earlier one."""

import psycopg

from flows.settings import Settings


def upgrade_mlflow(settings: Settings) -> bool:
    """Bring MLflow's tables of `settings.prepare` up to date; return whether there are any.

    In an empty database MLflow's server creates them itself.
    """
    url = settings.prepare.mlflow_url
    if url is None:
        return False
    with psycopg.connect(url.get_secret_value()) as connection:
        found = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if found is None or found[0] is None:
        return False
    # Its own command, within this process: nobody who lists processes reads the password.
    from mlflow.db import upgrade

    upgrade.main([url.get_secret_value()], standalone_mode=False)
    return True
