"""`kpi contract lint`: whether contracts and producers' files can be kept."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import psycopg
import typer

from flows.contracts.contract import Contract
from flows.contracts.document import read_document
from flows.contracts.errors import BadContract, place
from flows.contracts.examples import examples_of, without_examples
from flows.contracts.lint import problems_of
from flows.contracts.producers.known import what_no_row_passes_with
from flows.contracts.producers.producer import Producer
from flows.contracts.producers.read import KIND, PRODUCERS, read_producer
from flows.contracts.read import read_contract
from flows.errors import BadInput, KpiError
from flows.paths import CONTRACTS, REPOSITORY

if TYPE_CHECKING:
    from flows.settings.crypto_events import CryptoSettings

Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE.yaml]...",
        help="Contracts and producers; without any, all of ours, and KPI_CRYPTO__CONTRACT.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the command to `kpi contract`."""
    app.command("lint")(lint)


def lint(files: Files = None) -> None:
    """Check contracts against the standard (ODCS 3.1) and the pipelines, and producers' files.

    Each rule has to judge its examples as it says; SQL is tried where a warehouse runs.
    """
    problems: list[BadContract] = []
    for path in files or _ours():
        found = _of_producer(path) if _is_producer(path) else problems_of(path)
        if not (found or _is_producer(path)):
            contract = read_contract(path)
            found = _unkept(contract)
            for sentence in () if found else without_examples(contract):
                typer.echo(sentence, err=True)
        problems += found
        typer.echo(f"{place(path.absolute(), None)}: {'wrong' if found else 'right'}")
    if problems:
        for problem in problems[:-1]:
            typer.echo(str(problem), err=True)
        raise problems[-1]


def _ours() -> list[Path]:
    """Return the contracts and producers of this project, and the contract of the settings."""
    from flows.settings import load_settings

    ours = [*sorted(CONTRACTS.glob("*.odcs.yaml")), *sorted(PRODUCERS.glob("*.yaml"))]
    try:
        used = REPOSITORY / load_settings().crypto.contract.expanduser()
    except BadContract as problem:  # which will be said of the file
        used = problem.path
    return ours if used in ours else [*ours, used]


def _is_producer(path: Path) -> bool:
    try:
        return read_document(path.expanduser()).get("kind") == KIND
    except BadContract:
        return False


def _of_producer(path: Path) -> list[BadContract]:
    from flows.churn.sources.contract import SOURCE_FILES
    from flows.churn.sources.producers.declared import check_producer
    from flows.churn.sources.rules.examples import check_patterns
    from flows.settings.contracted import churn_contract, churn_date_format

    try:
        producer = read_producer(path.expanduser().absolute())
        if producer.table.name in {file.name for file in SOURCE_FILES}:
            check_patterns(churn_contract())
            check_producer(producer, churn_date_format())
            return []
        return _held_against_settings(producer)
    except BadContract as problem:
        return [problem]


def _held_against_settings(producer: Producer) -> list[BadContract]:
    """Return the values by which no row would pass, by the contract of the settings."""
    from flows.crypto_events.contract import table_of
    from flows.settings import load_settings

    try:
        crypto = load_settings().crypto
        table = table_of(crypto)
    except BadInput:  # which is told of the contract
        return list(what_no_row_passes_with(producer, producer.table, {}))
    known = {
        "site_id": ("sites", crypto.sites),
        "crypto_type": ("crypto_types", crypto.crypto_types),
    }
    overridden = {
        name: values
        for name, (setting, values) in known.items()
        if setting in crypto.model_fields_set
    }
    return list(what_no_row_passes_with(producer, table, overridden))


def _unkept(contract: Contract) -> list[BadContract]:
    """Return why the pipeline of the contract could not keep it, or nothing."""
    from flows.churn.origins import what_features_lack
    from flows.churn.sources.contract import SOURCE_FILES
    from flows.churn.sources.rules.examples import wrong_rules
    from flows.settings.contracted import CRYPTO_EVENTS

    tables = {table.name for table in contract.tables}
    try:
        if CRYPTO_EVENTS in tables:
            return _unkept_crypto(contract)
        if contract.id == "churn" or tables & {file.name for file in SOURCE_FILES}:
            wrong = [each for table in contract.tables for each in wrong_rules(contract, table)]
            return [*what_features_lack(contract), *wrong]
    except BadContract as problem:
        return [problem]
    except ValueError as error:
        return [BadContract(contract.path, None, f"a value is out of its range: {error}")]
    typer.echo(
        f"{place(contract.path, None)} has no table that a pipeline reads: it was held against the "
        "standard alone.",
        err=True,
    )
    return []


def _unkept_crypto(contract: Contract) -> list[BadContract]:
    from flows.crypto_events.contract import raw_rules, table_of
    from flows.crypto_events.delivery_rules import delivery_rules
    from flows.settings.crypto_events import CryptoSettings

    crypto = CryptoSettings(contract=contract.path)
    delivery_rules(crypto)
    raw_rules(crypto)
    examples_of(contract.path, table_of(crypto))
    return _tried(crypto)


def _tried(crypto: "CryptoSettings") -> list[BadContract]:
    """Return which examples PostgreSQL judges otherwise; none is started to be asked.

    Raises BadContract for a rule that it does not take.
    """
    from flows.crypto_events.rule_sql import check_rules
    from flows.crypto_events.staging.examples import wrong_examples
    from flows.local.postgres.shared import embedded_server, running_warehouse
    from flows.platform.warehouse.connection import table_exists, transaction
    from flows.settings import load_settings

    why = "no warehouse runs here"
    try:
        settings = load_settings().model_copy(update={"crypto": crypto})
    except BadInput:  # which is told of the contract that they name
        return _untried(crypto, "the settings are wrong")
    try:
        if settings.database_url is not None or embedded_server(settings).ready():
            with running_warehouse(settings) as found, transaction(found, "lint") as connection:
                if table_exists(connection, "raw.bt_crypto_judged"):
                    check_rules(connection, crypto)
                    wrong = wrong_examples(connection, found)
                    connection.rollback()
                    return wrong
    except BadContract:
        raise
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction):
        why = "the warehouse lets nothing be written here"
    except (BadInput, KpiError, psycopg.OperationalError):
        pass
    return _untried(crypto, why)


def _untried(crypto: "CryptoSettings", why: str) -> list[BadContract]:
    typer.echo(
        f"{place(crypto.contract, None)}: {why}, so its rules were not tried.",
        err=True,
    )
    return []
