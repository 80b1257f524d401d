"""The lines of a delivery: most need no CSV reader, because they are their own fields."""

from collections.abc import Iterator
from io import StringIO, TextIOBase

_BLOCK = 2**18
# What CSV or COPY would read as something else. A line end is one of its own.
_SPECIAL = ('"', "\\", "\t", "\0")
_NO_SEPARATOR = bytes(set(range(256)) - set(b",\n"))
_LONGEST = 2**16  # less than the csv reader's limit of a field


class DeliveryLines:
    """Reads an open file as blocks of plain lines, and from the first other one line by line.

    `piece` is the most that `readline` returns at once; the file has line ends as they are.
    """

    def __init__(self, file: TextIOBase, piece: int) -> None:
        self.taken = 0
        """Lines that `plain` has returned."""
        self._file = file
        self._piece = piece
        self._left = StringIO()

    def readline(self) -> str:
        """Return the next line, with its end, or `piece` characters of it; empty at the end."""
        return self._left.readline(self._piece) or self._file.readline(self._piece)

    def plain(self, fields: int) -> Iterator[list[str]]:
        """Yield lines without their ends, tabs for commas, until a block has one that is not plain.

        A plain line has that many fields, and nothing quoted or escaped. The block goes back.
        """
        while block := self._block():
            lines = _plain_lines(block, fields)
            if lines is None:
                self._left = StringIO(block, newline="")
                return
            self.taken += len(lines)
            yield lines

    def _block(self) -> str:
        block = self._file.read(_BLOCK)
        return block if block.endswith("\n") else block + self._file.readline(self._piece)


def _plain_lines(block: str, fields: int) -> list[str] | None:
    if any(character in block for character in _SPECIAL):
        return None
    if "\r" in block:
        block = block.replace("\r\n", "\n")
        if "\r" in block:
            return None
    block = block.removesuffix("\n")
    lines = block.replace(",", "\t").split("\n")
    # All separators at once: to count those of each line takes twice as long.
    separators = block.encode().translate(None, _NO_SEPARATOR)
    if separators != b"\n".join([b"," * (fields - 1)] * len(lines)):
        return None
    return lines if len(max(lines, key=len)) <= _LONGEST else None
