"""MLflow's tables in PostgreSQL: a later MLflow refuses those of an earlier one."""

import psycopg

from flows.settings import Settings


def upgrade_mlflow(settings: Settings) -> bool:
    """Upgrade the MLflow tables of `settings.prepare`; return whether there are any.

    In an empty database MLflow's server creates them itself.
    """
    url = settings.prepare.mlflow_url
    if url is None:
        return False
    with psycopg.connect(url.get_secret_value()) as connection:
        found = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if found is None or found[0] is None:
        return False
    # MLflow's own command, run in this process: the password is in no process list.
    from mlflow.db import upgrade

    upgrade.main([url.get_secret_value()], standalone_mode=False)
    return True
