"""What is no CSV text is told by what it is, in one sentence: real files of each kind."""

import bz2
import gzip
import lzma
import sqlite3
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import feather, orc, parquet

from flows.crypto_events.contract import RAW_COLUMNS
from flows.crypto_events.landing.delivery import open_delivery
from flows.errors import BadInput
from flows.platform.compute.csv_kind import check_kind

CSV = f"{','.join(RAW_COLUMNS)}\nMEXICO,1,1/1/2026,BTC,2,3\n"
TABLE = pa.table({"site_id": ["MEXICO"]})


def zipped(path: Path, **members: str) -> None:
    with ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/"), text)


def database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE rows (site_id text)")
    connection.close()


def text(encoding: str) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(CSV.encode(encoding))


KINDS: dict[str, Callable[[Path], object]] = {
    "a gzip file, not CSV text in UTF-8. Unpack it first.": lambda path: path.write_bytes(
        gzip.compress(CSV.encode())
    ),
    "a bzip2 file": lambda path: path.write_bytes(bz2.compress(CSV.encode())),
    "an xz file": lambda path: path.write_bytes(lzma.compress(CSV.encode())),
    "a ZIP archive": lambda path: zipped(path, delivery=CSV),
    "an empty ZIP archive": zipped,
    "an Excel workbook, not CSV text in UTF-8. Save": lambda path: zipped(path, xl__workbook=""),
    "an OpenDocument file": lambda path: zipped(
        path, mimetype="application/vnd.oasis.opendocument.spreadsheet"
    ),
    "a workbook of old Excel": lambda path: path.write_bytes(
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
    ),
    "a Parquet file": lambda path: parquet.write_table(TABLE, path),
    "an ORC file": lambda path: orc.write_table(TABLE, path),
    "an Arrow file": lambda path: feather.write_feather(TABLE, path, compression="uncompressed"),
    "an SQLite database": database,
    "a PDF document": lambda path: path.write_bytes(b"%PDF-1.7\n"),
    "UTF-16 text, not CSV text in UTF-8. Save it as CSV with the encoding UTF-8.": text("utf-16"),
    "UTF-16 text": text("utf-16-le"),
    "UTF-16 text, not": text("utf-16-be"),
    "UTF-32 text": text("utf-32"),
    "a web page": lambda path: path.write_text("\n<!doctype html><html>"),
    "an XML document": lambda path: path.write_text("<?xml version='1.0'?>"),
    "JSON": lambda path: path.write_text(pd.DataFrame({"a": [1]}).to_json(orient="records")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_another_kind_is_told_by_what_it_is(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "delivery.csv"
    KINDS[kind](path)

    with pytest.raises(BadInput) as refused, open_delivery(path):
        pass

    assert str(refused.value).startswith(f"delivery.csv is {kind}")


@pytest.mark.parametrize("content", [b"", b"a", b"a,b\n", CSV.encode(), CSV.encode("utf-8-sig")])
def test_text_is_left_to_who_reads_it(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "delivery.csv"
    path.write_bytes(content)
    with path.open("rb") as file:
        check_kind(file, path)
        assert file.read() == content
