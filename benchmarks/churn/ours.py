"""Our own steps unchanged, and the minimum cost of reading the files."""

from datetime import timedelta

import duckdb

from benchmarks.churn.place import LOOKBACK_DAYS, Place
from flows.churn.features.engines import feature_engine
from flows.churn.features.feature_engineering import feature_engineering, features
from flows.churn.features.lookback import lookback
from flows.churn.features.queries import Sources, labelled_query
from flows.churn.sample_data.writer import AS_OF
from flows.churn.sources.clean_raw_sources import clean_folder, clean_raw_sources, cleaned_sources
from flows.churn.sources.contract import SOURCE_FILES
from flows.errors import KpiError
from flows.platform.compute.duckdb import fetch_row, file_name, sql_literal

_TYPES = {"whole number": "BIGINT", "amount": "DOUBLE", "date": "DATE", "text": "VARCHAR"}


def floor(place: Place) -> None:
    """Parse every column of the five files once, typed, and keep nothing."""
    with duckdb.connect() as connection:
        for file in SOURCE_FILES:
            columns = ", ".join(
                f"{sql_literal(column.name)}: {sql_literal(_TYPES[column.type])}"
                for column in file.columns
            )
            counts = ", ".join(f"count({column.name})" for column in file.columns)
            fetch_row(
                connection,
                "benchmarks/churn_floor.sql",
                counts=counts,
                file=file_name(place.delivery / file.file_name),
                columns=f"{{{columns}}}",
            )


def clean(place: Place, name: str = "ours", engine: str = "duckdb") -> None:
    """Run the step clean_raw_sources."""
    clean_raw_sources(place.settings(engine), place.run(name))


def query(place: Place, name: str = "ours") -> None:
    """Do what the other engines do, from the checked files: labelled features as of the cutoff."""
    settings, run = place.settings(), place.run(name)
    found = cleaned_sources(settings, run)
    if lookback(settings, run, found) != LOOKBACK_DAYS:
        message = "The lookback is another one than the others use."
        raise KpiError(message)
    with feature_engine(settings) as engine:
        folder = clean_folder(settings, run)
        sources = Sources(folder, found.true_as_of, (), LOOKBACK_DAYS, engine.rows_of)
        cutoff = AS_OF - timedelta(days=run.label_days)
        labelled = labelled_query(settings.churn, sources, cutoff, run.label_days)
        engine.write(labelled, features(settings, run))


def step(place: Place, name: str = "ours", engine: str = "duckdb") -> None:
    """Run the step feature_engineering: also the earlier features, the hash and the snapshot."""
    feature_engineering(place.settings(engine), place.run(name))


def from_csv(place: Place) -> None:
    """Run both steps."""
    clean(place)
    step(place)


def query_from_csv(place: Place) -> None:
    """Do what the other engines do, from the CSV files, which we also check."""
    clean(place)
    query(place)


def with_spark(place: Place) -> None:
    """Run the step feature_engineering with local Spark, including its startup."""
    from flows.platform.compute.spark import stop_spark

    step(place, "ours with Spark", "spark")
    stop_spark()
