"""Rows of a result: a table for people, CSV or JSON for programs."""

import json
import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    # Loaded for a table of people, which not every command has in the end.
    from rich.console import Console
    from rich.text import Text

Format = Literal["table", "csv", "json"]
FormatOption = Annotated[
    Format,
    typer.Option(
        "--format",
        help="table for people; csv or json for programs: values whole, nothing else on stdout.",
    ),
]
Row = Mapping[str, Any]

_NUMBERS = (int, float, Decimal)
_ANY_WIDTH = 10**6


def people_console(format_: Format = "table") -> "Console":
    """Return where people read: stdout, or stderr when rows for programs are on stdout.

    On a terminal lines are as wide as it; in a file or a pipe they have no limit.
    """
    from rich.console import Console

    stream = sys.stdout if format_ == "table" else sys.stderr
    return Console(file=stream, width=None if stream.isatty() else _ANY_WIDTH)


def print_rows(
    rows: Sequence[Row],
    columns: Mapping[str, str],
    format_: Format,
    *,
    counts: Collection[str] = (),
    nothing: str | None = None,
    console: "Console | None" = None,
) -> None:
    """Print rows; `columns` are their keys, in order, with what people read above them.

    `counts` are columns whose numbers get thousands separators for people, `nothing` is what
    people read when there is no row. Programs get the keys, every value whole, numbers as numbers,
    days and moments in ISO 8601.
    """
    if format_ == "json":
        chosen = [{name: row[name] for name in columns} for row in rows]
        text = json.dumps(chosen, default=_iso, ensure_ascii=False, indent=2)
        sys.stdout.write(f"{text}\n")
    elif format_ == "csv":
        for cells in ([*columns], *([row[name] for name in columns] for row in rows)):
            # Not by typer.echo, which takes escape sequences out of a cell.
            sys.stdout.write(",".join(map(_csv_cell, cells)) + "\n")
    elif not rows and nothing:
        typer.echo(nothing)
    else:
        texts = [{name: _text(row[name], name in counts) for name in columns} for row in rows]
        numbers = {name for name in columns if all(isinstance(row[name], _NUMBERS) for row in rows)}
        _print_table(console or people_console(), texts, columns, numbers)


def _print_table(
    console: "Console",
    texts: Sequence[Mapping[str, "Text"]],
    columns: Mapping[str, str],
    numbers: Collection[str],
) -> None:
    """Print a table whose cells wrap; where even that is too narrow, each row on its own lines."""
    from rich.table import Table

    table = Table()
    for name, heading in columns.items():
        justify: Literal["left", "right"] = "right" if name in numbers else "left"
        table.add_column(heading, justify=justify, overflow="fold")
    for row in texts:
        table.add_row(*row.values())
    anywhere = console.options.update(max_width=_ANY_WIDTH)
    width = console.measure(table, options=anywhere)
    if width.minimum <= console.width:
        # A line between rows that take several.
        several = any("\n" in text.plain for row in texts for text in row.values())
        table.show_lines = several or width.maximum > console.width
        console.print(table)
        return
    for row in texts:
        lines = Table.grid(padding=(0, 2))
        lines.add_column(no_wrap=True, style="bold")
        lines.add_column(overflow="fold")
        for name, text in row.items():
            lines.add_row(columns[name], text)
        console.print(lines, "")


def _text(value: object, is_count: bool) -> "Text":
    from rich.text import Text

    if isinstance(value, list):
        return Text("\n").join(_text(item, is_count) for item in value)
    if value is None:
        return Text("∅", style="dim")
    if isinstance(value, datetime):
        return Text(value.isoformat(" ", "seconds"))
    if isinstance(value, float):
        return Text(f"{value:.4g}")
    if is_count:
        return Text(f"{value:,}")
    return Text(_visible(str(value)))


def _visible(text: str) -> str:
    """Write what a terminal would swallow, obey or hide as an escape: it may be what is wrong."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _csv_cell(value: object) -> str:
    # As PostgreSQL writes and reads it: only what is missing has no quotes, so '' is a value.
    if value is None:
        return ""
    if isinstance(value, (list, bool)):
        value = json.dumps(value, default=_iso, ensure_ascii=False)
    if isinstance(value, _NUMBERS):
        return str(value)
    text = _iso(value)
    return '"' + text.replace('"', '""') + '"'


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
