"""MLflow's tables in PostgreSQL: a later MLflow refuses those of an earlier one."""

import re
from importlib.util import find_spec
from pathlib import Path

import psycopg

from flows.settings import Settings

_REVISION = re.compile(r'^revision = "(\w+)"$', re.MULTILINE)
_FORMER = re.compile(r"^down_revision = (.+)$", re.MULTILINE)


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
        versions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    if {version for (version,) in versions} != newest_versions():
        # MLflow's own command, run in this process: the password is in no process list.
        from mlflow.db import upgrade

        upgrade.main([url.get_secret_value()], standalone_mode=False)
    return True


def newest_versions() -> set[str]:
    """Return the versions of its tables that the installed MLflow would upgrade to: mostly one.

    They are read from its migrations as text. To import it takes two seconds of processor, at each
    start of a platform where nothing is to be done.
    """
    package = find_spec("mlflow")
    [folder] = (package and package.submodule_search_locations) or [""]
    migrations = Path(folder, "store", "db_migrations", "versions").glob("*.py")
    texts = [migration.read_text(encoding="utf-8") for migration in migrations]
    made = {version for text in texts for version in _REVISION.findall(text)}
    former = {
        version
        for text in texts
        for versions in _FORMER.findall(text)
        for version in re.findall(r"\w+", versions)
    }
    return made - former
