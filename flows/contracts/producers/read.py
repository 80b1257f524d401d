"""Read a producer's file, and say what is wrong with it before a delivery is opened."""

import codecs
from collections.abc import Mapping as Map
from pathlib import Path
from typing import Any, cast, get_args

from flows.contracts.contract import Table
from flows.contracts.document import Mapping, Sequence, read_document
from flows.contracts.errors import BadContract
from flows.contracts.producers.cells import date_pattern
from flows.contracts.producers.producer import FileFormat, Others, Producer, RowFilter, Source
from flows.contracts.read import read_contract
from flows.contracts.shapes import CELLS, PRODUCER, check_shape
from flows.errors import BadInput, a_few
from flows.paths import CONTRACTS

PRODUCERS = CONTRACTS / "producers"
KIND = "Producer"
_KEYS = (
    *("kind", "contract", "table", "description", "file", "columns", "constants", "values"),
    *("rows", "keep", "ignore", "others"),
)
_FILE_KEYS = (
    *("encoding", "delimiter", "quote", "skipLines", "decimalSign", "thousandsSign"),
    "dateFormat",
)
_OF_NUMBERS = {*"0123456789+-"}
_ROW_KEYS = ("column", "keep", "leaveOut")


def producer_path(name: str) -> Path:
    """Return the file of a producer: one of contracts/producers by its name, or a path to one.

    Raises BadInput when there is none of that name.
    """
    if "/" in name or name.endswith((".yaml", ".yml")):
        return Path(name).expanduser().absolute()
    path = PRODUCERS / f"{name}.yaml"
    if not path.is_file():
        known = sorted(file.stem for file in PRODUCERS.glob("*.yaml"))
        raise BadInput(
            f"There is no producer {name!r}: contracts/producers has {a_few(known) or 'none'}. "
            "`kpi contract infer FILE` drafts one."
        )
    return path


def read_producer(path: Path) -> Producer:
    """Return the producer of the file. Raises BadContract for the first thing that is wrong."""
    return _Maker(path, read_document(path)).producer()


def line_of(producer: Producer, *keys: str) -> int:
    """Return the line of the producer's file in which these keys stand, one within the other."""
    at: Any = read_document(producer.path)
    line = 1
    for key in keys:
        line = at.lines.get(key, line)
        at = at.get(key) or Mapping()
    return line


class _Maker:
    def __init__(self, path: Path, document: Mapping) -> None:
        self._path = path
        self._document = document

    def producer(self) -> Producer:
        document = self._document
        if document.get("kind") != KIND:
            raise self._bad(document.lines.get("kind", 1), f"a producer's file has kind: {KIND}.")
        self._check_keys(document, _KEYS, "a producer")
        check_shape(self._path, document, PRODUCER)
        table = self._table()
        columns = self._sources(self._mapping("columns"), table)
        constants = self._constants(table, columns)
        missing = [
            column.name
            for column in table.delivered
            if column.name not in columns and column.name not in constants
        ]
        if missing:
            raise self._bad(
                document.lines.get("columns", 1),
                f"neither columns nor constants say what {a_few(missing)} of {table.name} is.",
            )
        keep, ignore = self._list("keep"), self._list("ignore")
        self._check_named_once(columns, keep, ignore)
        return Producer(
            name=self._path.stem,
            path=self._path,
            table=table,
            file=self._file(table, columns),
            columns=columns,
            constants=constants,
            values=self._values(columns),
            rows=self._rows(),
            keep=keep,
            ignore=ignore,
            others=self._others(),
        )

    def _table(self) -> Table:
        name = self._document.get("contract")
        path = CONTRACTS / f"{name}.odcs.yaml"
        line = self._document.lines.get("contract", 1)
        if not isinstance(name, str) or not path.is_file():
            known = sorted(
                file.name.removesuffix(".odcs.yaml") for file in CONTRACTS.glob("*.odcs.yaml")
            )
            raise self._bad(line, f"contract names none of {a_few(known)}.")
        contract = read_contract(path)
        wanted = self._document.get("table")
        if wanted is None and len(contract.tables) == 1:
            return contract.tables[0]
        names = [table.name for table in contract.tables]
        if wanted not in names:
            line = self._document.lines.get("table", line)
            raise self._bad(line, f"table has to be one of {a_few(names)}.")
        return contract.table(cast(str, wanted))

    def _sources(self, entry: Mapping, table: Table) -> dict[str, Source]:
        known = [column.name for column in table.delivered]
        sources: dict[str, Source] = {}
        for name, header in entry.items():
            line = entry.lines[name]
            if name not in known:
                raise self._bad(
                    line, f"{table.name} has no delivered column {name}, only {a_few(known, 20)}."
                )
            if not isinstance(header, str) or not header.strip():
                raise self._bad(line, f"{name} names no column of the file.")
            for other, source in sources.items():
                if same_header(source.header, header):
                    raise self._bad(
                        line,
                        f"{header} is read as {name} here, and as {other} in line {source.line}: "
                        "one column of the file is one of the contract.",
                    )
            sources[name] = Source(header, line)
        return sources

    def _constants(self, table: Table, columns: Map[str, Source]) -> dict[str, str]:
        entry = self._mapping("constants")
        known = [column.name for column in table.delivered]
        for name, value in entry.items():
            line = entry.lines[name]
            if name not in known:
                raise self._bad(
                    line, f"{table.name} has no delivered column {name}, only {a_few(known, 20)}."
                )
            if name in columns:
                raise self._bad(
                    line, f"{name} is read from the file, too (line {columns[name].line})."
                )
            if value is None or isinstance(value, (bool, Mapping, Sequence)) or value == "":
                raise self._bad(line, f"{name} has no value: write what it is in each row.")
        return {name: str(value) for name, value in entry.items()}

    def _file(self, table: Table, columns: Map[str, Source]) -> FileFormat:
        entry = self._mapping("file")
        self._check_keys(entry, _FILE_KEYS, "file")
        made = FileFormat(
            encoding=str(entry.get("encoding", "utf-8")),
            delimiter=self._character(entry, "delimiter", ","),
            quote=self._character(entry, "quote", '"') or None,
            skip_lines=entry.get("skipLines", 0),
            decimal_sign=self._character(entry, "decimalSign", "."),
            thousands_sign=self._character(entry, "thousandsSign", ""),
            date_format=entry.get("dateFormat"),
        )
        self._check_file(entry, made)
        dated = [c.name for c in table.columns if c.logical_type == "date" and c.name in columns]
        if dated and not (made.date_format and date_pattern(str(made.date_format))):
            raise self._bad(
                entry.lines.get("dateFormat", self._document.lines.get("file", 1)),
                f"dateFormat says how {dated[0]} is written, such as d/M/yyyy, M/d/yyyy or "
                "yyyy-MM-dd[ HH:mm:ss]: 3/4/2025 may be March or April, and no row decides it.",
            )
        return made

    def _check_file(self, entry: Mapping, made: FileFormat) -> None:
        def line(key: str) -> int:
            return entry.lines.get(key, self._document.lines.get("file", 1))

        if not _is_encoding(made.encoding):
            raise self._bad(
                line("encoding"), f"there is no encoding {made.encoding}: utf-8, windows-1252, …"
            )
        if not made.delimiter or made.delimiter in "\r\n" or made.delimiter == made.quote:
            raise self._bad(line("delimiter"), "delimiter is one character, and not the quote.")
        if type(made.skip_lines) is not int or made.skip_lines < 0:
            raise self._bad(line("skipLines"), "skipLines is a whole number from 0.")
        signs = made.decimal_sign + made.thousands_sign
        if not made.decimal_sign or len({*signs}) < len(signs) or set(signs) & _OF_NUMBERS:
            problem = "decimalSign is one character, and not the thousandsSign; neither is a digit."
            raise self._bad(line("decimalSign"), problem)

    def _values(self, columns: Map[str, Source]) -> dict[str, dict[str, str]]:
        entry = self._mapping("values")
        made: dict[str, dict[str, str]] = {}
        for name, meant in entry.items():
            if name not in columns:
                raise self._bad(entry.lines[name], f"{name} is not read from the file.")
            if not isinstance(meant, Mapping) or not meant:
                raise self._bad(entry.lines[name], f"values of {name} is no mapping of cells.")
            for cell, value in meant.items():
                if value is not None and not CELLS.fits([value]):
                    raise self._bad(meant.lines[cell], f"{cell} means no cell of {name}: quote it.")
            made[name] = {
                cell: "" if value is None else str(value) for cell, value in meant.items()
            }
        return made

    def _rows(self) -> RowFilter | None:
        entry = self._mapping("rows")
        if not entry:
            return None
        self._check_keys(entry, _ROW_KEYS, "rows")
        column = entry.get("column")
        keep, leave_out = entry.get("keep") or [], entry.get("leaveOut") or []
        if not isinstance(column, str) or not keep:
            raise self._bad(
                entry.line, "rows says by which column, and which of its cells to keep."
            )
        both = sorted(set(map(str, keep)) & set(map(str, leave_out)))
        if both:
            raise self._bad(entry.lines["leaveOut"], f"rows keeps and leaves out {a_few(both)}.")
        return RowFilter(
            Source(column, entry.lines["column"]),
            tuple(map(str, keep)),
            tuple(map(str, leave_out)),
        )

    def _others(self) -> Others:
        others = self._document.get("others", "refuse")
        if others not in get_args(Others):
            raise self._bad(
                self._document.lines["others"], f"others is {' or '.join(get_args(Others))}."
            )
        return cast(Others, others)

    def _check_named_once(
        self, columns: Map[str, Source], keep: tuple[Source, ...], ignore: tuple[Source, ...]
    ) -> None:
        seen: list[Source] = list(columns.values())
        for source in (*keep, *ignore):
            for other in seen:
                if same_header(other.header, source.header):
                    raise self._bad(
                        source.line,
                        f"{source.header} stands here again, first in line {other.line}.",
                    )
            seen.append(source)

    def _list(self, key: str) -> tuple[Source, ...]:
        entry = self._document.get(key) or Sequence()
        lines = entry.lines if entry else []
        return tuple(Source(str(name), line) for name, line in zip(entry, lines, strict=True))

    def _mapping(self, key: str) -> Mapping:
        entry = self._document.get(key)
        if entry is None:
            entry = Mapping()
            entry.line, entry.lines = self._document.lines.get(key, 1), {}
        return cast(Mapping, entry)

    def _character(self, entry: Mapping, key: str, default: str) -> str:
        found: Any = entry.get(key, default)
        found = "" if found is None else found
        if not isinstance(found, str) or len(found) > 1:
            raise self._bad(entry.lines[key], f"{key} is one character, in quotes.")
        return found

    def _check_keys(self, entry: Mapping, known: tuple[str, ...], of: str) -> None:
        for key in entry:
            if key not in known:
                raise self._bad(
                    entry.lines[key], f"{of} has no {key}; it may have {a_few(known, 20)}."
                )

    def _bad(self, line: int, problem: str) -> BadContract:
        return BadContract(self._path, line, problem)


def same_header(one: str, other: str) -> bool:
    """Return whether two names of columns are the same: blanks around them and case say nothing."""
    return one.strip().casefold() == other.strip().casefold()


def _is_encoding(name: str) -> bool:
    """Return whether a file in it can be read piece by piece."""
    text = "a..b\n1;2\n"  # no name of the internet has that, which idna is for
    try:
        decoder = codecs.getincrementaldecoder(name)()
        pieces = [decoder.decode(bytes([byte])) for byte in text.encode(name)]
        return "".join([*pieces, decoder.decode(b"", True)]) == text
    except (LookupError, ValueError, TypeError):
        return False
