"""MLflow's stores, imported, and their tables known to SQLAlchemy: which takes half a second."""

import mlflow
import mlflow.store.model_registry.sqlalchemy_store
import mlflow.store.tracking.sqlalchemy_store  # noqa: F401
from sqlalchemy.orm import configure_mappers

configure_mappers()
