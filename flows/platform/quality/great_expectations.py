"""Great Expectations, pushed down to PostgreSQL: run a suite, store its result, build Data Docs.

Importing Great Expectations takes seconds, so it happens inside the functions that need it, and
without its support for stores other than PostgreSQL.
"""

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import psycopg

from flows.errors import KpiError
from flows.lazy_imports import quick_imports
from flows.platform.storage.layout import data_docs_index, great_expectations_folder
from flows.platform.storage.object_store import address_for_people, bucket_and_key
from flows.platform.warehouse.connection import connection_arguments, database_url
from flows.settings import Settings

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.data_context.data_context.ephemeral_data_context import (
        EphemeralDataContext,
    )
    from great_expectations.expectations.expectation import Expectation

_SITE = "data_docs"
_SAMPLE_SIZE = 20  # examples of bad values that a failed check shows in Data Docs


@dataclass(frozen=True)
class Check:
    """A Great Expectations class by name, its arguments, and the contract's name for it."""

    id: str
    description: str
    kind: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class CheckResult:
    """The verdict on one check; `unexpected_rows` is counted only when a check failed."""

    id: str
    description: str
    success: bool
    unexpected_rows: int | None


def run_suite(
    settings: Settings, *, suite: str, checkpoint: str, table: str, run_id: str, checks: list[Check]
) -> list[CheckResult]:
    """Validate `schema.table` and store the result under `ge-artifacts/validations`.

    A first pass asks only for pass or fail, which costs about as much as plain SQL. If it fails,
    a second pass counts and samples the bad values; its result replaces the first.
    Raises when a query could not be run (Great Expectations reports that as a failed check).
    """
    gx = _great_expectations()
    from great_expectations.core import RunIdentifier

    with _context(settings) as context:
        identifier = RunIdentifier(run_name=_run_name(run_id))
        expectations = [_expectation(check) for check in checks]
        batch = _batch_definition(context, settings, table)
        kept = context.suites.add(gx.ExpectationSuite(name=suite, expectations=expectations))
        definition = context.validation_definitions.add(
            gx.ValidationDefinition(name=suite, data=batch, suite=kept)
        )
        try:
            for result_format in ("BOOLEAN_ONLY", "SUMMARY"):
                checkpoint_run = context.checkpoints.add_or_update(
                    gx.Checkpoint(
                        name=checkpoint,
                        validation_definitions=[definition],
                        result_format={
                            "result_format": result_format,
                            "partial_unexpected_count": _SAMPLE_SIZE,
                        },
                    )
                ).run(run_id=identifier)
                (result,) = checkpoint_run.run_results.values()
                for verdict in result.results:
                    _raise_when_not_run(verdict)
                if checkpoint_run.success:
                    break
        finally:
            # One engine checks the table, one runs the suite; each would keep a connection open.
            source = batch.data_asset.datasource
            source.get_engine().dispose()
            source.get_execution_engine().close()
    # Great Expectations groups the results by column.
    verdicts = {
        verdict.expectation_config.meta["id"]: verdict
        for verdict in result.results
        if verdict.expectation_config and verdict.expectation_config.meta
    }
    return [_check_result(check, verdicts[check.id]) for check in checks]


def build_data_docs(settings: Settings, run_id: str | None = None) -> str:
    """Write the Data Docs of the newest validation results; return the URL where people open them.

    With folder storage and a run, writes only its pages and missing ones, since pages cost most.
    """
    _great_expectations()
    # Stored results name our expectations, and another process may have stored them.
    _our_expectations()
    with _context(settings) as context:
        pages: Any = None
        if run_id is not None and settings.storage == "folder":
            written = data_docs_index(settings).parent / "validations"
            stored: Any = context.validation_results_store.list_keys()
            pages = [
                key
                for key in stored
                if key.run_id.run_name == _run_name(run_id)
                or not written.joinpath(*key.to_tuple()[:-1], f"{key.to_tuple()[-1]}.html").exists()
            ]
        context.build_data_docs([_SITE], pages)
    return address_for_people(settings, data_docs_index(settings))


def _great_expectations() -> Any:
    """Import it without Spark, S3 and Google; statistics and charts load on first use."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read at import
    with quick_imports(when_used=("altair", "scipy.stats"), absent=("boto3", "google", "pyspark")):
        return import_module("great_expectations")


def _our_expectations() -> dict[str, Any]:
    """Return our own expectations, by name; importing them registers them."""
    from flows.platform.quality.exact_bounds_expectation import ExactBoundsExpectation
    from flows.platform.quality.single_query_expectation import SingleQueryExpectation

    return {kind.__name__: kind for kind in (ExactBoundsExpectation, SingleQueryExpectation)}


def _run_name(run_id: str) -> str:
    # An orchestrator chooses the id; here it becomes part of file names and URLs.
    return re.sub(r"[^\w.-]", "_", run_id)


@contextmanager
def _context(settings: Settings) -> "Iterator[EphemeralDataContext]":
    gx = _great_expectations()
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    defaults = InMemoryStoreBackendDefaults()
    defaults.stores[defaults.validation_results_store_name] = {
        "class_name": "ValidationResultsStore",
        "store_backend": _store_backend(settings, "validations"),
    }
    defaults.data_docs_sites = {
        _SITE: {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": _store_backend(settings, "data_docs"),
            "site_index_builder": {
                "class_name": "DefaultSiteIndexBuilder",
                "validation_results_limit": settings.data_docs_results,
            },
        }
    }
    config = DataContextConfig(
        store_backend_defaults=defaults, progress_bars=ProgressBarsConfig(globally=False)
    )
    with _stores(settings):
        yield gx.get_context(mode="ephemeral", project_config=config)


def _stores(settings: Settings) -> AbstractContextManager[None]:
    if settings.storage == "folder":
        return nullcontext()
    from flows.platform.quality.s3_store_backend import stores_in_s3

    return stores_in_s3(settings)


def _store_backend(settings: Settings, name: str) -> dict[str, Any]:
    folder = great_expectations_folder(settings) / name
    if settings.storage == "folder":
        return {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)}
    bucket, key = bucket_and_key(settings, folder)
    return {
        "module_name": "flows.platform.quality.s3_store_backend",
        "class_name": "S3StoreBackend",
        "bucket": bucket,
        "folder": key,
        "suppress_store_backend_id": True,
    }


def _batch_definition(
    context: "EphemeralDataContext", settings: Settings, table: str
) -> "BatchDefinition[Any]":
    from sqlalchemy import make_url

    schema, name = table.split(".")
    arguments = connection_arguments(settings, f"validate {name}")
    # Great Expectations wants the schema from the connection, not from the table.
    arguments["options"] += f" -c search_path={schema}"
    url = (
        make_url(database_url(settings))
        .set(drivername="postgresql+psycopg")
        .update_query_dict({key: str(value) for key, value in arguments.items()})
    )
    source = context.data_sources.add_postgres(
        "warehouse", connection_string=url.render_as_string(hide_password=False)
    )
    asset = source.add_table_asset(name, table_name=name)
    return asset.add_batch_definition_whole_table("window")


def _expectation(check: Check) -> "Expectation":
    gx = _great_expectations()

    kinds = {**vars(gx.expectations), **_our_expectations()}
    expectation: Expectation = kinds[check.kind](
        **check.arguments, description=check.description, meta={"id": check.id}
    )
    return expectation


def _check_result(check: Check, verdict: "ExpectationValidationResult") -> CheckResult:
    counts = {**verdict.result.get("details", {}), **verdict.result}
    return CheckResult(
        id=check.id,
        description=check.description,
        success=bool(verdict.success),
        unexpected_rows=counts.get("unexpected_count"),
    )


# Names of transient errors; Great Expectations passes on only their text.
_TRANSIENT = (
    "psycopg.OperationalError",
    "psycopg.errors.AdminShutdown",
    "psycopg.errors.CrashShutdown",
    "psycopg.errors.CannotConnectNow",
    "psycopg.errors.DeadlockDetected",
    "psycopg.errors.LockNotAvailable",
)


def _raise_when_not_run(verdict: "ExpectationValidationResult") -> None:
    failures = [
        item
        for item in (verdict.exception_info or {}).values()
        if isinstance(item, dict) and item.get("raised_exception")
    ]
    if not failures:
        return
    message = failures[0]["exception_message"].strip()
    if any(name in failures[0]["exception_traceback"] for name in _TRANSIENT):
        raise psycopg.OperationalError(message)
    raise KpiError(f"Great Expectations could not run a check: {message}")
