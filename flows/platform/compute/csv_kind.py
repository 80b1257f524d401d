"""Is a file CSV text at all? What else it is, is told by its first bytes."""

from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from flows.errors import BadInput

_UNPACK = "Unpack it first"
_SAVE_AS_CSV = "Save it as CSV with the encoding UTF-8"
_EXPORT = "Export its rows as CSV"

# How the formats begin that are taken for a delivery, what they are, what to do.
_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x1f\x8b", "a gzip file", _UNPACK),
    (b"BZh", "a bzip2 file", _UNPACK),
    (b"\xfd7zXZ\x00", "an xz file", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"PK\x05\x06", "an empty ZIP archive", "Ask for the file that belongs in it"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a workbook of old Excel (.xls)", _SAVE_AS_CSV),
    (b"PAR1", "a Parquet file", _EXPORT),
    (b"ORC", "an ORC file", _EXPORT),
    (b"Obj\x01", "an Avro file", _EXPORT),
    (b"ARROW1", "an Arrow file", _EXPORT),
    (b"SQLite format 3\x00", "an SQLite database", _EXPORT),
    (b"%PDF-", "a PDF document", "Ask for its rows as CSV"),
    (b"\xff\xfe\x00\x00", "UTF-32 text", _SAVE_AS_CSV),
    (b"\x00\x00\xfe\xff", "UTF-32 text", _SAVE_AS_CSV),
    (b"\xff\xfe", "UTF-16 text", _SAVE_AS_CSV),
    (b"\xfe\xff", "UTF-16 text", _SAVE_AS_CSV),
    (b"<!DOCTYPE", "a web page", "Download the file itself: often this is a page to log in"),
    (b"<html", "a web page", "Download the file itself: often this is a page to log in"),
    (b"<?xml", "an XML document", _EXPORT),
    (b'{"', "JSON", _EXPORT),
    (b"[{", "JSON", _EXPORT),
)
_ZIP = b"PK\x03\x04"
_HEAD = 64
# A column may be called ORCID; in these formats, binary numbers follow.
_MAGIC_WORDS = (b"PAR1", b"ORC", b"ARROW1")
_LAST_BINARY = 8


def check_kind(file: BinaryIO, path: Path) -> None:
    """Raise BadInput, saying what the file is, when it is a well-known kind of no CSV text.

    `file` stands at its beginning, and does so again afterwards.
    """
    head = file.read(_HEAD)
    file.seek(0)
    found = _zip(file) if head.startswith(_ZIP) else _kind(head)
    if found:
        what, to_do = found
        raise BadInput(f"{path.name} is {what}, not CSV text in UTF-8. {to_do}.")


def _kind(head: bytes) -> tuple[str, str] | None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for magic, what, to_do in _KINDS:
        if magic in _MAGIC_WORDS and not any(byte <= _LAST_BINARY for byte in head):
            continue
        if head.startswith(magic) or (magic[:1] in b"<{[" and text.startswith(magic.lower())):
            return what, to_do
    # Without a mark of its byte order: each second byte of ASCII is NUL.
    if len(head) > 1 and any(head[:8:2]) != any(head[1:8:2]):
        return "UTF-16 text", _SAVE_AS_CSV
    return None


def _zip(file: BinaryIO) -> tuple[str, str]:
    try:
        with ZipFile(file) as archive:
            names = archive.namelist()
            kind = archive.read("mimetype")[:_HEAD] if "mimetype" in names else b""
    except (BadZipFile, NotImplementedError, RuntimeError, OSError):
        # Damaged, packed in an unknown way, encrypted, or cut short: an archive all the same.
        names, kind = [], b""
    if any(name.startswith("xl/") for name in names):
        return "an Excel workbook", _SAVE_AS_CSV
    if kind.startswith(b"application/vnd.oasis.opendocument"):
        return "an OpenDocument file", _SAVE_AS_CSV
    return "a ZIP archive", _UNPACK
