"""MLflow's own database on this machine, which it creates with a hundred migrations.

It is the same for every home, so it is created once per installation and copied.
"""

import logging
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flows.platform.storage.atomic_files import copy_once
from flows.platform.storage.prepared_files import prepared

NOT_LOGGED = ("polars",)
"""What MLflow imports where it is installed, for data of which we log none: a third of its time."""

_DATABASE = "mlflow.db"


def lay_out_mlflow(database: Path) -> None:
    """Copy the prepared database if there is none yet; without a copy, MLflow creates its own.

    An existing one is left to MLflow, which says when it must be upgraded.
    """
    if database.exists():
        return
    template = prepared("mlflow-database", f"mlflow {version('mlflow')}", _make)
    if template is None:
        return
    copy_once(template / _DATABASE, database)


def keep_mlflow_quiet() -> None:
    """Let MLflow log warnings alone: creating its database logs a hundred lines.

    To be called once it is imported, which sets its own level.
    """
    for noisy in ("alembic", "mlflow"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _make(folder: Path) -> None:
    from sqlalchemy import create_engine

    engine = create_engine(f"sqlite:///{folder / _DATABASE}")
    utils: Any = import_module("mlflow.store.db.utils")
    keep_mlflow_quiet()
    utils._initialize_tables(engine)
    engine.dispose()
    (folder / _DATABASE).chmod(0o644)
