"""The five files as somebody else writes them: each in a form of its own, with the same content."""

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from tests.churn.churn_files import HEADERS

Cells = dict[str, str]

PRODUCERS = {
    # Lines above the header, other names in another case, columns in another order, a column more
    # of each kind, rows that are no payments, a time of day.
    "PAYMENTS": """kind: Producer
contract: churn
table: PAYMENTS
file:
  encoding: windows-1252
  delimiter: ";"
  skipLines: 2
  decimalSign: ","
  thousandsSign: "."
  dateFormat: dd/MM/yyyy[ HH:mm:ss]
columns:
  user_id: Comprador
  paid_on: fecha de pago
  seller_id: VENDEDOR
  spent: importe
  segment: Categoría
  discount: descuento
values:
  segment: {En tienda: Instore, Servicios: Utilities}
rows: {column: Estado, keep: [pagado], leaveOut: [anulado]}
keep: [Canal]
ignore: [Nombre]
""",
    "ACTIVE_USER": """kind: Producer
contract: churn
table: ACTIVE_USER
file: {encoding: utf-16, delimiter: "\\t", dateFormat: d.M.yyyy}
columns:
  user_id: Kunde
  mau_mp_1: Besuche Wallet
  mau_ml_1: Besuche
  mau_ml_2: Besuche davor
  last_login_on: Letzter Login
values: {last_login_on: {nie: }}
""",
    "DEMOGRAFICOS": """kind: Producer
contract: churn
table: DEMOGRAFICOS
file: {delimiter: "|", quote: "'"}
columns: {user_id: ID, age: Edad, gender: Género, card_type: Tarjeta, city: Ciudad}
values:
  gender: {Mujer: F, Hombre: M}
  card_type: {Sin tarjeta: None}
""",
    "DINERO_CUENTA": """kind: Producer
contract: churn
table: DINERO_CUENTA
file: {delimiter: ";", quote: null, decimalSign: ",", thousandsSign: " "}
columns:
  user_id: customer
  balance_last_month: balance
  balance_month_before: balance before
  investment: state
values:
  balance_last_month: {cero: "0", uno y medio: "1.5"}
others: keep
""",
    "MARKETPLACE_DATA": """kind: Producer
contract: churn
table: MARKETPLACE_DATA
file: {thousandsSign: ",", dateFormat: "M/d/yyyy h:mm a"}
columns:
  user_id: customer id
  spent_ml: spent
  last_purchase_on: last purchase
  frequency_ml: purchases
others: ignore
""",
}


def write_foreign(folder: Path, name: str, rows: Iterable[str]) -> Path:
    """Write rows of the contract's form as their producer would; return the producer's file."""
    producer = folder / f"{name.lower()}.yaml"
    producer.write_text(PRODUCERS[name], encoding="utf-8")
    names = HEADERS[name].split(",")
    read = [dict(zip(names, cells, strict=True)) for cells in csv.reader(rows)]
    content, encoding = _WRITERS[name](read)
    (folder / f"{name}.csv").write_bytes(content.encode(encoding))
    return producer


def number(text: str, decimal: str, thousands: str) -> str:
    """Write a number with other signs."""
    if not text:
        return text
    whole, _, decimals = text.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    grouped = f"{int(digits):,}".replace(",", thousands)
    return f"{sign}{grouped}{decimal}{decimals}" if decimals else f"{sign}{grouped}"


def day(text: str, form: str) -> str:
    """Write a day with strftime's form, in which %-d has no zero."""
    return date.fromisoformat(text).strftime(form) if text else text


def _table(
    rows: Iterable[Iterable[str]],
    delimiter: str = ",",
    quotechar: str = '"',
    lineterminator: str = "\r\n",
) -> str:
    text = io.StringIO()
    writer = csv.writer(
        text, delimiter=delimiter, quotechar=quotechar, lineterminator=lineterminator
    )
    writer.writerows(rows)
    return text.getvalue()


def _payments(rows: list[Cells]) -> tuple[str, str]:
    kinds = {"Instore": "En tienda", "Utilities": "Servicios"}
    table = [
        (
            *("VENDEDOR", " DESCUENTO ", "Comprador", "Importe", "Nombre", "ESTADO"),
            *("FECHA DE PAGO", "categoría", "Canal"),
        )
    ]
    for place, row in enumerate(rows):
        written = day(row["FECHA"], "%d/%m/%Y") + (" 23:59:59" if place % 2 else "")
        mine = (
            number(row["CUS_CUST_ID_SEL"], ",", "."),
            number(row["DESCUENTO"], ",", "."),
            row["CUS_CUST_ID_BUY"],
            number(row["SPENT"], ",", "."),
            "Núñez;\nJosé",
            "pagado",
            written,
            kinds.get(row["TPV_SEGMENT_DETAIL"], row["TPV_SEGMENT_DETAIL"]),
            "web",
        )
        table.append(mine)
        if place % 3 == 0:
            table.append((*mine[:5], "anulado", *mine[6:]))
    above = 'Informe de pagos; año "2026\n\n'
    return above + _table(table, delimiter=";"), "windows-1252"


def _active(rows: list[Cells]) -> tuple[str, str]:
    table = [("Letzter Login", "Kunde", "Besuche Wallet", "Besuche", "Besuche davor")]
    table += [
        (
            day(row["last_login_mp_date_1"], "%-d.%-m.%Y") or "nie",
            *(row[name] for name in ("CUS_CUST_ID_BUY", "MAU_MP_1", "MAU_ML_1", "MAU_ML_2")),
        )
        for row in rows
    ]
    return _table(table, delimiter="\t"), "utf-16"


def _people(rows: list[Cells]) -> tuple[str, str]:
    genders, cards = {"F": "Mujer", "M": "Hombre"}, {"None": "Sin tarjeta"}
    table = [("Tarjeta", "Género", "Edad", "ID", "Ciudad")]
    table += [
        (
            cards.get(row["CARD_TYPE"], row["CARD_TYPE"]),
            genders.get(row["GENDER"], row["GENDER"]),
            row["AGE"],
            row["CUS_CUST_ID_BUY"],
            row["CITY"],
        )
        for row in rows
    ]
    return _table(table, delimiter="|", quotechar="'", lineterminator="\n"), "utf-8"


def _money(rows: list[Cells]) -> tuple[str, str]:
    zero = {"0": "cero", "1.5": "uno y medio"}
    table = [("state", "customer", "balance before", "balance", "note")]
    table += [
        (
            row["INVERSION"],
            row["CUS_CUST_ID_BUY"],
            number(row["PLATA_CUENTA_2"], ",", " "),
            zero.get(row["PLATA_CUENTA_1"], number(row["PLATA_CUENTA_1"], ",", " ")),
            "5 inches",
        )
        for row in rows
    ]
    return "".join(f"{';'.join(row)}\n" for row in table), "utf-8-sig"


def _market(rows: list[Cells]) -> tuple[str, str]:
    table = [("customer id", "spent", "last purchase", "purchases", "agent")]
    table += [
        (
            row["CUS_CUST_ID_BUY"],
            number(row["SPENT_ML"], ".", ","),
            day(row["RECENCY_ML"], "%-m/%-d/%Y") + (" 3:07 PM" if row["RECENCY_ML"] else ""),
            row["FREQUENCY_ML"],
            "",
        )
        for row in rows
    ]
    return _table(table), "utf-8"


_WRITERS: dict[str, Callable[[list[Cells]], tuple[str, str]]] = {
    "PAYMENTS": _payments,
    "ACTIVE_USER": _active,
    "DEMOGRAFICOS": _people,
    "DINERO_CUENTA": _money,
    "MARKETPLACE_DATA": _market,
}
