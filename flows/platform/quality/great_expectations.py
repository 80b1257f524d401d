"""Great Expectations, pushed down to PostgreSQL: run a suite, store its result, build Data Docs.

Importing Great Expectations takes seconds, so it happens inside the functions that need it, and
without its support for stores other than PostgreSQL.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg

from flows.errors import KpiError
from flows.platform.quality.context import (
    SITE,
    great_expectations,
    gx_context,
    our_expectations,
)
from flows.platform.storage.layout import data_docs_index, great_expectations_folder
from flows.platform.storage.object_store import address_for_people, object_address
from flows.platform.warehouse.connection import connection_arguments, database_url
from flows.settings import Settings
from flows.values import value

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.data_context.data_context.ephemeral_data_context import (
        EphemeralDataContext,
    )
    from great_expectations.expectations.expectation import Expectation


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
    gx = great_expectations()
    from great_expectations.core import RunIdentifier

    with gx_context(settings) as context:
        identifier = RunIdentifier(run_name=_run_name(run_id))
        expectations = [_expectation(check) for check in checks]
        batch = _batch_definition(context, settings, table)
        kept = context.suites.add(gx.ExpectationSuite(name=suite, expectations=expectations))
        definition = context.validation_definitions.add(
            gx.ValidationDefinition(name=suite, data=batch, suite=kept)
        )
        try:
            # To update compares everything with what is kept, and costs a fifth of a suite.
            for result_format, keep in (
                ("BOOLEAN_ONLY", context.checkpoints.add),
                ("SUMMARY", context.checkpoints.add_or_update),
            ):
                checkpoint_run = keep(
                    gx.Checkpoint(
                        name=checkpoint,
                        validation_definitions=[definition],
                        result_format={
                            "result_format": result_format,
                            "partial_unexpected_count": settings.data_docs_samples,
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
    Raises KpiError when a stored result is damaged, or pages cannot be written.
    """
    great_expectations()
    # Stored results name our expectations, and another process may have stored them.
    our_expectations()
    with gx_context(settings) as context:
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
        try:
            context.build_data_docs([SITE], pages)
        except ValueError as error:
            if damaged := _damaged_result(settings, context):
                raise damaged from error
            raise
        except OSError as error:
            folder = data_docs_index(settings).parent
            raise KpiError(f"{folder} does not take Data Docs ({error.strerror}).") from error
    return address_for_people(settings, data_docs_index(settings))


def count_stored_results(settings: Settings) -> int:
    """Return how many validation results are stored, of which Data Docs are built."""
    with gx_context(settings) as context:
        return len(context.validation_results_store.list_keys())


def _damaged_result(settings: Settings, context: "EphemeralDataContext") -> KpiError | None:
    folder = object_address(settings, great_expectations_folder(settings) / "validations")
    stored: Any = context.validation_results_store.list_keys()
    for key in stored:
        try:
            context.validation_results_store.get(key)
        except ValueError as error:
            path = f"{folder}/{'/'.join(key.to_tuple())}.json"
            return KpiError(
                f"The validation result {path} is damaged ({error}). "
                "Delete it, then run `kpi docs`."
            )
    return None


def _run_name(run_id: str) -> str:
    # An orchestrator chooses the id; here it becomes part of file names and URLs.
    return re.sub(r"[^\w.-]", "_", run_id)


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
    gx = great_expectations()

    kinds = {**vars(gx.expectations), **our_expectations()}
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


_NEXT_LINE = "\n"
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
    config = verdict.expectation_config
    name = config.meta.get("id") if config and config.meta else None
    # What follows are the statement, and advice of SQLAlchemy's; the words may quote a cell.
    said = value(f": {message.partition(_NEXT_LINE)[0]}")
    raise KpiError(f"Great Expectations could not run the check {name}{said}")
