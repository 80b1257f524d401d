"""`kpi docs`: the pages of stored validation results, made anew."""

import typer

from flows.errors import KpiError
from flows.platform.quality.great_expectations import build_data_docs, count_stored_results
from flows.platform.storage.layout import great_expectations_folder
from flows.platform.storage.object_store import object_address
from flows.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(docs)


def docs() -> None:
    """Make the index and the pages of Data Docs anew from the stored validation results."""
    settings = load_settings()
    stored = count_stored_results(settings)
    if not stored:
        folder = object_address(settings, great_expectations_folder(settings) / "validations")
        raise KpiError(
            f"There is no validation result in {folder}. "
            "Run crypto-events first: each run stores what its checks found."
        )
    address = build_data_docs(settings)
    listed = min(stored, settings.data_docs_results)
    typer.echo(f"Data Docs show the newest {listed:,} of {stored:,} validation results: {address}")
