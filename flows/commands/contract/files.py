"""`kpi contract lint`, `show` and `diff`: what contracts say, and whether they can be kept."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.rows import FormatOption, print_rows
from flows.contracts.contract import Contract
from flows.contracts.diff import breaks_without_version, changes_between
from flows.contracts.document import read_document
from flows.contracts.errors import BadContract, place
from flows.contracts.lint import problems_of
from flows.contracts.producers.read import KIND, PRODUCERS, read_producer
from flows.contracts.read import read_contract
from flows.paths import CONTRACTS

Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE.yaml]...", help="Contracts and producers; all of ours without any."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the three commands to `kpi contract`."""
    app.command("lint")(lint)
    app.command("show")(show)
    app.command("diff")(diff)


def lint(files: Files = None) -> None:
    """Check contracts against the standard (ODCS 3.1) and the pipelines, and producers' files."""
    problems: list[BadContract] = []
    ours = [*sorted(CONTRACTS.glob("*.odcs.yaml")), *sorted(PRODUCERS.glob("*.yaml"))]
    for path in files or ours:
        if _is_producer(path):
            found = _of_producer(path)
        else:
            found = problems_of(path) or _unkept(read_contract(path))
        problems += found
        typer.echo(f"{place(path.absolute(), None)}: {'wrong' if found else 'right'}")
    if problems:
        for problem in problems[:-1]:
            typer.echo(str(problem), err=True)
        raise problems[-1]


def _is_producer(path: Path) -> bool:
    try:
        return read_document(path.expanduser()).get("kind") == KIND
    except BadContract:
        return False


def _of_producer(path: Path) -> list[BadContract]:
    from flows.churn.sources.contract import SOURCE_FILES
    from flows.churn.sources.producers.declared import check_producer
    from flows.settings.contracted import churn_date_format

    try:
        producer = read_producer(path.expanduser().absolute())
        if producer.table.name in {file.name for file in SOURCE_FILES}:
            check_producer(producer, churn_date_format())
    except BadContract as problem:
        return [problem]
    return []


def show(format_: FormatOption = "table") -> None:
    """Show each rule of crypto events as it counts: by the contract, or by a variable."""
    from flows.crypto_events.contract import DUPLICATE, Rule, raw_rules, table_of
    from flows.crypto_events.delivery_rules import DeliveryRule, delivery_rules
    from flows.crypto_events.key import Key
    from flows.settings import load_settings

    crypto = load_settings().crypto
    key = Key.of(crypto)
    settings = {rule.id: rule.settings for rule in table_of(crypto).every_rule()}
    rules: list[Rule | DeliveryRule] = [*raw_rules(crypto), *delivery_rules(crypto)]
    given = {f"KPI_CRYPTO__{name.upper()}" for name in crypto.model_fields_set}
    print_rows(
        [
            {
                "id": rule.id,
                "column": rule.column or "",
                "holds": rule.description,
                "severity": rule.severity,
                "by": ", ".join(name for name in settings[rule.id] if name in given) or "contract",
            }
            for rule in rules
        ]
        + [
            {
                "id": DUPLICATE,
                "column": ", ".join(key.columns),
                "holds": key.meaning,
                "severity": "error",
                "by": "contract",
            }
        ],
        {
            "id": "rule",
            "column": "column",
            "holds": "what a good row, day or delivery satisfies",
            "severity": "severity",
            "by": "said by",
        },
        format_,
    )


def diff(old: Path, new: Path, format_: FormatOption = "table") -> None:
    """Say what changed between two contracts, and whom it breaks; that needs a new version."""
    before, after = read_contract(old), read_contract(new)
    changes = changes_between(before, after)
    if changes:
        heads = {"about": "of", "what": "what changed", "breaks": "breaks"}
        print_rows([vars(change) for change in changes], heads, format_)
    else:
        typer.echo("Nothing changed that anybody relies on.", err=True)
    if breaks_without_version(before, after):
        raise BadContract(
            after.path,
            None,
            f"a change breaks somebody, so version {after.version} needs to become a new one.",
        )


def _unkept(contract: Contract) -> list[BadContract]:
    """Return why the pipeline of the contract could not keep it, or nothing."""
    from flows.churn.origins import what_features_lack
    from flows.churn.sources.contract import source_file
    from flows.crypto_events.contract import raw_rules
    from flows.crypto_events.delivery_rules import delivery_rules
    from flows.settings.contracted import CRYPTO_EVENTS
    from flows.settings.crypto_events import CryptoSettings

    try:
        if contract.id == "churn":
            for table in contract.tables:
                source_file(table)
            return list(what_features_lack(contract))
        if any(table.name == CRYPTO_EVENTS for table in contract.tables):
            crypto = CryptoSettings(contract=contract.path)
            raw_rules(crypto)
            delivery_rules(crypto)
    except BadContract as problem:
        return [problem]
    except ValueError as error:
        return [BadContract(contract.path, None, f"a value is out of its range: {error}")]
    return []
