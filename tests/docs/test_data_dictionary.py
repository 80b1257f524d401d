"""The data dictionary is complete, and who it says writes and reads does exist."""

import pytest
from click import Group

from docs.catalog import Relation, relations, schemas
from docs.data_dictionary import DATA_DICTIONARY, data_dictionary
from flows.cli import imported_command
from flows.commands.parameters import PIPELINES
from flows.commands.summaries import SUMMARIES
from flows.platform.warehouse.connection import Connection

STEPS = {step.name for pipeline in PIPELINES for step in pipeline.steps}


@pytest.fixture
def tables(db: Connection) -> dict[str, Relation]:
    """Every table and view after all migrations."""
    return {f"{each.schema}.{each.name}": each for each in relations(db)}


def test_no_schema_table_or_column_lacks_a_meaning(
    db: Connection, tables: dict[str, Relation]
) -> None:
    assert [name for name, meaning in schemas(db).items() if not meaning] == []
    assert [name for name, table in tables.items() if not table.meaning] == []
    assert [
        f"{name}.{column.name}"
        for name, table in tables.items()
        for column in table.columns
        if not column.meaning
    ] == []


def test_every_table_says_who_writes_and_who_reads_it(tables: dict[str, Relation]) -> None:
    assert [name for name, table in tables.items() if not table.readers] == []
    # A view is written by nobody.
    assert [name for name, table in tables.items() if table.is_view == bool(table.writers)] == []


def test_writers_and_readers_are_steps_and_commands_that_exist(
    tables: dict[str, Relation],
) -> None:
    named = {name for table in tables.values() for name in (*table.writers, *table.readers)} - STEPS

    assert {name for table in tables.values() for name in table.writers} <= STEPS | _commands(named)
    assert named - _commands(named) == {"the app", "people"}


def test_a_partition_is_left_out(db: Connection, tables: dict[str, Relation]) -> None:
    db.execute(
        "CREATE TABLE prod.bt_crypto_events_2026_11 PARTITION OF prod.bt_crypto_events"
        " FOR VALUES FROM ('2026-11-01') TO ('2026-12-01')"
    )

    assert {f"{each.schema}.{each.name}" for each in relations(db)} == set(tables)


def test_the_document_is_what_make_docs_writes(db: Connection) -> None:
    assert data_dictionary(db) == DATA_DICTIONARY.read_text(encoding="utf-8")


def _commands(names: set[str]) -> set[str]:
    """Return those of the names that are a command of `kpi`, subcommands included."""
    return {name for name in names if name.startswith("kpi ") and _exists(name.split()[1:])}


def _exists(words: list[str]) -> bool:
    if words[0] not in SUMMARIES:
        return False
    command = imported_command(words[0])
    for word in words[1:]:
        found = command.commands.get(word) if isinstance(command, Group) else None
        if found is None:
            return False
        command = found
    return True
