"""Write what the documentation takes from the code: `make docs`. CI fails when it differs."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from docs.catalog import migrated_warehouse
from docs.data_dictionary import DATA_DICTIONARY, cells, data_dictionary
from docs.definitions import declared_deployments, full_name
from docs.settings import meanings
from flows.churn import pipeline as churn
from flows.churn.features.definitions import FEATURES
from flows.churn.sources.contract import SOURCE_FILES
from flows.crypto_events.contract import reasons_in_words
from flows.crypto_events.delivery_rules import delivery_rules
from flows.crypto_events.pipeline import PIPELINE as CRYPTO_EVENTS
from flows.paths import REPOSITORY
from flows.platform.pipeline.declaration import Pipeline
from flows.retention.pipeline import PIPELINE as RETENTION
from flows.settings import Settings
from flows.settings.check import CheckSettings
from flows.settings.churn import ChurnSettings
from flows.settings.crypto_events import CryptoSettings
from flows.settings.retention import RetentionSettings
from flows.settings.servers import PrepareSettings, S3Settings

_REFERENCE = REPOSITORY / "docs" / "reference.md"
_ENVIRONMENT = REPOSITORY / ".env.example"
_GROUPS: dict[str, type[BaseModel]] = {
    "crypto": CryptoSettings,
    "churn": ChurnSettings,
    "retention": RetentionSettings,
    "s3": S3Settings,
    "check": CheckSettings,
    "prepare": PrepareSettings,
}
_WHEN_BROKEN = {"error": "the run stops and asks", "warn": "a warning"}
# What settings that a contract gives are made of.
_FILES_OF_CONTRACTS = {"contract": CryptoSettings.model_fields["contract"].default}


def main() -> None:
    """Write docs/reference.md, docs/data_dictionary.md and .env.example."""
    with migrated_warehouse() as connection:
        _write(DATA_DICTIONARY, data_dictionary(connection))
    _write(_REFERENCE, reference())
    _write(_ENVIRONMENT, environment())


def _write(path: Path, text: str) -> None:
    """Leave a file alone that says so already: tests may read it meanwhile."""
    if path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def reference() -> str:
    """Return the reference: steps, rules, settings, commands."""
    return "\n".join(
        [
            "# Reference",
            "",
            "Generated from the code by `make docs`; do not edit.",
            "",
            *_steps(CRYPTO_EVENTS),
            *_steps(churn.TRAINING),
            *_steps(churn.SCORING),
            *_steps(churn.DRIFT_MONITOR),
            *_steps(churn.WATCHDOG),
            *_steps(RETENTION),
            *_deployments(),
            "## Rules of crypto_events (defaults)",
            "",
            "| reason of a reject | the rule |",
            "|---|---|",
            *(
                f"| `{reason}` | {says} |"
                for reason, says in reasons_in_words(CryptoSettings()).items()
            ),
            "",
            "## Rules about a delivery of crypto_events (defaults)",
            "",
            "| rule | what a day or the delivery satisfies | when not |",
            "|---|---|---|",
            *(
                f"| `{rule.id}` | {rule.description} | {_WHEN_BROKEN[rule.severity]} |"
                for rule in delivery_rules(CryptoSettings())
            ),
            "",
            "## Contract of the churn files",
            "",
            "| file | column | what its cells are |",
            "|---|---|---|",
            *(
                f"| {file.file_name} | `{column.name}` | {cells(column)} |"
                for file in SOURCE_FILES
                for column in file.columns
            ),
            "",
            "## Features of churn",
            "",
            "| feature | meaning | unit |",
            "|---|---|---|",
            *(
                f"| `{feature.name}` | {feature.description} | {feature.unit} |"
                for feature in FEATURES
            ),
            "",
            "## Settings",
            "",
            "Environment variables, or lines of a file `.env`.",
            "",
            "| variable | default | meaning |",
            "|---|---|---|",
            *(
                f"| `{name}` | {f'`{default_of(field)}`' if default_of(field) else 'none'} "
                f"| {meaning} |"
                for name, field, meaning in variables()
            ),
            "",
            "## Commands",
            "",
            *_commands(),
        ]
    )


def _steps(pipeline: Pipeline) -> Iterator[str]:
    yield from (f"## Steps of {pipeline.name}", "", "| step | what it does |", "|---|---|")
    for step in pipeline.steps:
        yield f"| `{step.name}` | {step.summary} |"
    yield ""


def _deployments() -> Iterator[str]:
    yield from ("## Deployments", "", "| deployment | when | what |", "|---|---|---|")
    for deployment in declared_deployments():
        name = full_name(deployment)
        schedules = [f"`{schedule['cron']}`" for schedule in deployment.get("schedules", [])]
        events = [f"event `{trigger['expect'][0]}`" for trigger in deployment.get("triggers", [])]
        when = ", ".join([*schedules, *events]) or "by hand"
        yield f"| `{name}` | {when} | {deployment['description']} |"
    yield ""


def environment() -> str:
    """Return .env.example: every variable, commented out, with its default."""
    lines = ["# Copy to .env and change what you need. Generated by `make docs`.", ""]
    for name, field, meaning in variables():
        lines += [f"# {meaning}", f"# {name}={default_of(field)}", ""]
    return "\n".join(lines)


def variables() -> Iterator[tuple[str, FieldInfo, str]]:
    """Yield each variable, its field, and what it means."""
    told = meanings(Settings)
    for name, field in Settings.model_fields.items():
        if name not in _GROUPS:
            yield f"KPI_{name.upper()}", field, told[name]
    for group, settings in _GROUPS.items():
        told = meanings(settings)
        for name, field in settings.model_fields.items():
            yield f"KPI_{group.upper()}__{name.upper()}", field, told[name]


def default_of(field: FieldInfo) -> str:
    """Return the default as it would stand in the environment; a secret has none."""
    value = field.get_default(call_default_factory=True, validated_data=_FILES_OF_CONTRACTS)
    if value is None or isinstance(value, SecretStr):
        return ""
    if isinstance(value, tuple):
        return json.dumps(value, default=str)
    return str(value)


def _commands() -> Iterator[str]:
    kpi = Path(sys.executable).with_name("kpi")
    help_text = _help(kpi)
    yield from _block("kpi --help", help_text)
    for command in re.findall(r"^│ ([a-z-]+) ", help_text, flags=re.MULTILINE):
        yield from _block(f"kpi {command} --help", _help(kpi, command))


def _help(kpi: Path, *words: str) -> str:
    environment = {"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1", "PATH": ""}
    shown = subprocess.run(
        [kpi, *words, "--help"], env=environment, check=True, capture_output=True, text=True
    ).stdout
    return "\n".join(line.rstrip() for line in shown.strip().splitlines())


def _block(title: str, text: str) -> Iterator[str]:
    yield from (f"### `{title}`", "", "```text", text, "```", "")


if __name__ == "__main__":
    main()
