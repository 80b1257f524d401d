"""Payments in the contract's form, and in forms of producers: CPU seconds to check each, and ratio.

`python -m benchmarks.producers [ROWS]`. Each form is checked as `clean_raw_sources` does it, three
times in turn with the others; the least of them counts.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from rich.console import Console
from rich.table import Table

from flows.churn.sources.checked_file import write_checked
from flows.churn.sources.contract import PAYMENTS
from flows.churn.sources.producers.delivered_file import open_delivered
from flows.platform.compute.duckdb import duckdb_connection
from flows.settings import Settings
from flows.sql_files import read_sql

_ROWS = 1_000_000
_TIMES = 3
_PRODUCER = """kind: Producer
contract: churn
table: PAYMENTS
file: {{{form}}}
columns:
  paid_on: Fecha
  seller_id: Vendedor
  user_id: Comprador
  spent: Importe
  segment: Segmento
  discount: Descuento
"""
# By form: what the producer's file says, how days and numbers are written, and the encoding.
_FORMS = {
    "the contract's own": (None, "%Y-%m-%d", ".", ",", "utf-8"),
    "other names": ("dateFormat: yyyy-MM-dd", "%Y-%m-%d", ".", ",", "utf-8"),
    "semicolons, decimal commas, D/M/Y": (
        'delimiter: ";", decimalSign: ",", dateFormat: dd/MM/yyyy',
        *("%d/%m/%Y", ",", ";", "utf-8"),
    ),
    "the same with a time of day": (
        'delimiter: ";", decimalSign: ",", dateFormat: "dd/MM/yyyy HH:mm:ss"',
        *("%d/%m/%Y 23:59:59", ",", ";", "utf-8"),
    ),
    "the same in Windows-1252": (
        'delimiter: ";", decimalSign: ",", dateFormat: dd/MM/yyyy, encoding: windows-1252',
        *("%d/%m/%Y", ",", ";", "windows-1252"),
    ),
}


def main(rows: int) -> None:
    """Print a table of the forms."""
    with TemporaryDirectory() as folder:
        places = [_written(Path(folder), number, rows) for number in range(len(_FORMS))]
        seconds: list[list[float]] = [[] for _ in places]
        for _ in range(_TIMES):
            for place, spent in zip(places, seconds, strict=True):
                spent.append(_checked(*place))
    least = [min(spent) for spent in seconds]
    table = Table("form", "CPU s", "ratio", title=f"{rows:,} payments")
    for form, cost in zip(_FORMS, least, strict=True):
        table.add_row(form, f"{cost:.2f}", f"{cost / least[0]:.2f}")
    Console().print(table)


def _written(folder: Path, number: int, rows: int) -> tuple[Settings, Path]:
    form, day, point, delimiter, encoding = list(_FORMS.values())[number]
    source = folder / str(number)
    source.mkdir()
    names = "Fecha,Vendedor,Comprador,Importe,Segmento,Descuento"
    if form is None:
        names = ",".join(column.name for column in PAYMENTS.columns)
    file = source / PAYMENTS.file_name
    with duckdb.connect() as connection:
        connection.execute(
            read_sql("benchmarks/payments_of_a_form.sql").format(
                file=file,
                rows=rows,
                day=day,
                point=point,
                delimiter=delimiter,
            )
        )
    text = f"{names.replace(',', delimiter)}\n{file.read_text(encoding='utf-8')}"
    file.write_bytes(text.encode(encoding))
    producers = {}
    if form:
        producer = source / "producer.yaml"
        producer.write_text(_PRODUCER.format(form=form), encoding="utf-8")
        producers = {PAYMENTS.name: str(producer)}
    return Settings.model_validate({"home": folder, "churn": {"producers": producers}}), source


def _checked(settings: Settings, source: Path) -> float:
    before = time.process_time()
    with (
        open_delivered(settings, PAYMENTS, source) as opened,
        duckdb_connection(settings) as connection,
    ):
        write_checked(connection, opened, source / "checked.parquet")
    return time.process_time() - before


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else _ROWS)
