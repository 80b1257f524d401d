"""`kpi contract show`: each rule as it counts, by the contract or by a variable."""

from collections.abc import Iterator

import typer

from flows.commands.rows import FormatOption, print_rows
from flows.contracts.delivery_rules import rows_in_words, share_in_words
from flows.settings import Settings, load_settings
from flows.settings.churn import ChurnSettings
from flows.settings.crypto_events import CryptoSettings

_HEADS = {
    "id": "rule",
    "column": "column",
    "holds": "what a good row, day, file or delivery satisfies",
    "severity": "severity",
    "by": "said by",
}
Row = dict[str, str]


def add_to(app: typer.Typer) -> None:
    """Add the command to `kpi contract`."""
    app.command("show")(show)


def show(format_: FormatOption = "table") -> None:
    """Show each rule of both contracts as it counts: by the contract, or by a variable."""
    settings = load_settings()
    print_rows([*_crypto_rules(settings), *_churn_rules(settings)], _HEADS, format_)


def _said_by(settings: CryptoSettings | ChurnSettings, prefix: str, *variables: str) -> str:
    given = {f"{prefix}{name.upper()}" for name in settings.model_fields_set}
    return ", ".join(name for name in variables if name in given) or "contract"


def _row(name: str, column: str, holds: str, severity: str, by: str) -> Row:
    return {"id": name, "column": column, "holds": holds, "severity": severity, "by": by}


def _crypto_rules(settings: Settings) -> Iterator[Row]:
    from flows.crypto_events.contract import DUPLICATE, Rule, raw_rules, table_of
    from flows.crypto_events.delivery_rules import DeliveryRule, delivery_rules
    from flows.crypto_events.key import Key

    crypto, prefix = settings.crypto, "KPI_CRYPTO__"
    named = {rule.id: rule.settings for rule in table_of(crypto).every_rule()}
    rules: list[Rule | DeliveryRule] = [*raw_rules(crypto), *delivery_rules(crypto)]
    for rule in rules:
        by = _said_by(crypto, prefix, *named[rule.id])
        yield _row(rule.id, rule.column or "", rule.description, rule.severity, by)
    key = Key.of(crypto)
    yield _row(DUPLICATE, ", ".join(key.columns), key.meaning, "error", "contract")
    late = f"published data is late {crypto.freshness_hours:g} hours after a publication"
    by = _said_by(crypto, prefix, f"{prefix}FRESHNESS_HOURS")
    yield _row("freshness", "bt_crypto_events", late, "warn", by)


def _churn_rules(settings: Settings) -> Iterator[Row]:
    from flows.churn.sources.contract import SOURCE_FILES, Column

    churn, prefix = settings.churn, "KPI_CHURN__"

    def holds(column: Column) -> str:
        kind = "day" if column.type == "date" else column.type
        shown = f" as {churn.date_format}" if column.type == "date" else ""
        said = ["is present"] * column.required + [f"is a {kind}{shown}"]
        if column.minimum is not None:
            said.append(f"is at least {column.minimum}")
        if column.maximum is not None:
            said.append(f"is at most {column.maximum}")
        return f"{column.name} {', '.join(said)}"

    for file in SOURCE_FILES:
        for rule in file.whole:
            about = f"{rule.column} is missing in" if rule.column else f"{file.name} has"
            in_words = share_in_words if rule.column else rows_in_words
            holds_of_file = f"{about} {in_words(rule.arguments)}"
            name = f"{file.name} ({rule.id})"
            yield _row(name, rule.column or "", holds_of_file, rule.severity, "contract")
        for column in file.columns:
            name = f"{file.name}.{column.becomes}"
            dated = [f"{prefix}DATE_FORMAT"] * (column.type == "date")
            by = _said_by(churn, prefix, *dated)
            yield _row(name, column.becomes, holds(column), "error", by)
            for allowed in column.allowed:
                refuse = churn.unknown_values == "refuse" or (
                    churn.unknown_values is None and allowed.refuse
                )
                by = _said_by(churn, prefix, f"{prefix}UNKNOWN_VALUES")
                which = "known values" if allowed.values else allowed.rule
                severity = "error" if refuse else "warn"
                holds_of_text = f"{column.name} {allowed.holds}"
                yield _row(f"{name} ({which})", column.becomes, holds_of_text, severity, by)
    silent = f"PAYMENTS has a payment of the last {churn.max_silent_days} days"
    by = _said_by(churn, prefix, f"{prefix}MAX_SILENT_DAYS")
    yield _row("freshness of PAYMENTS", "paid_on", silent, "error", by)
