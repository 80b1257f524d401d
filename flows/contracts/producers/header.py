"""The header of a producer's file, checked against what the producer's file says of it."""

from collections.abc import Sequence

from flows.contracts.errors import place
from flows.contracts.producers.producer import Producer, Source
from flows.contracts.producers.read import same_header
from flows.errors import BadInput, a_few
from flows.values import value


class Header:
    """The names of the columns in a file, in its order."""

    def __init__(self, producer: Producer, names: Sequence[str], file: str, line: int) -> None:
        """Check the names, which stand in `line` of `file`.

        Raises BadInput when a column is missing, repeated, or unknown and to be refused.
        """
        self.names = names
        self._producer = producer
        self._where = f"{file}, line {line}: the header"
        # Without a known column, it may be no header at all, but a row.
        self._may_be_a_row = not any(map(self._is_named, names))
        self._check_repetitions()
        for read_as, source in producer.columns.items():
            self.position(source, read_as)
        if producer.rows:
            self.position(producer.rows.column, "rows")
        for source in producer.keep:
            self.position(source, "a column to keep")
        self._unknown = self._unknown_names()

    def position(self, source: Source, read_as: str) -> int:
        """Return where a column stands that is read as `read_as`. Raises BadInput when nowhere."""
        for position, name in enumerate(self.names):
            if same_header(name, source.header):
                return position
        names = a_few([repr(name) for name in self.names], 20)
        raise BadInput(
            f"{self._where} lacks {source.header!r}, which "
            f"{place(self._producer.path, source.line)}, reads as {read_as}"
            f"{self._quoted('; it has', names)}."
        )

    def kept(self) -> list[tuple[str, int]]:
        """Return each column that is not to be ignored, with its position."""
        ignored = [source.header for source in self._producer.ignore]
        if self._producer.others == "ignore":
            ignored += self._unknown
        return [
            (name, position)
            for position, name in enumerate(self.names)
            if not any(same_header(name, other) for other in ignored)
        ]

    def _check_repetitions(self) -> None:
        seen = set()
        for name in self.names:
            key = name.strip().casefold()
            if key in seen:
                raise BadInput(f"{self._where} repeats a column{self._quoted(':', repr(name))}.")
            seen.add(key)

    def _unknown_names(self) -> list[str]:
        producer = self._producer
        unknown = [name for name in self.names if not self._is_named(name)]
        if unknown and producer.others == "refuse":
            raise BadInput(
                f"{self._where} has {a_few(list(map(repr, unknown)))}, which "
                f"{place(producer.path, None)} does not name: add it to keep or to ignore, or set "
                "others."
            )
        return unknown

    def _is_named(self, name: str) -> bool:
        producer = self._producer
        named = [*producer.columns.values(), *producer.keep, *producer.ignore]
        if producer.rows:
            named.append(producer.rows.column)
        return any(same_header(name, source.header) for source in named)

    def _quoted(self, before: str, names: str) -> str:
        quoted = f"{before} {names}"
        return value(quoted) if self._may_be_a_row else quoted
