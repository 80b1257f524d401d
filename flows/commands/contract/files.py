"""`kpi contract show` and `diff`: what contracts say, and what changed."""

from pathlib import Path

import typer

from flows.commands.rows import FormatOption, print_rows
from flows.contracts.diff import breaks_without_version, changes_between
from flows.contracts.errors import BadContract
from flows.contracts.read import read_contract


def add_to(app: typer.Typer) -> None:
    """Add both commands to `kpi contract`."""
    app.command("show")(show)
    app.command("diff")(diff)


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
