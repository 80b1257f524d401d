"""MLflow's stores, imported, and their tables known to SQLAlchemy: which takes half a second."""

from importlib import import_module

from sqlalchemy.orm import configure_mappers

for store in ("tracking", "model_registry"):
    import_module(f"mlflow.store.{store}.sqlalchemy_store")
configure_mappers()
