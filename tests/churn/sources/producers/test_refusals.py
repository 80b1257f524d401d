"""What is wrong with a producer's file, or in it, is one sentence with file, column and line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.churn.planning import plan_training
from flows.churn.sources.clean_raw_sources import clean_raw_sources
from flows.errors import BadInput
from flows.settings import Settings
from tests.churn.churn_files import AS_OF, ROWS, deliver
from tests.churn.sources.producers.foreign_files import write_foreign

MakeSettings = Callable[..., Settings]

PRODUCER = """kind: Producer
contract: churn
table: PAYMENTS
file:
  delimiter: ";"
  skipLines: 1
  decimalSign: ","
  dateFormat: dd/MM/yyyy
columns:
  paid_on: Fecha
  seller_id: Vendedor
  user_id: Comprador
  spent: Importe
constants:
  segment: Instore
  discount: 0
rows: {column: Estado, keep: [pagado], leaveOut: [anulado]}
"""
HEADER = "FECHA;VENDEDOR;COMPRADOR;IMPORTE;ESTADO"
GOOD = "30/05/2026;8;1;20,50;pagado"
LEFT_OUT = "30/05/2026;8;1;;anulado"

Refusal = Callable[[str, bytes], str]


@pytest.fixture
def refused(make_churn_settings: MakeSettings, tmp_path: Path) -> Refusal:
    """What a run says of a producer's file and a file of payments; it must have left nothing."""

    def sentence(producer: str, payments: bytes) -> str:
        path = tmp_path / "shop.yaml"
        path.write_text(producer, encoding="utf-8")
        source = deliver(tmp_path / "delivery")
        (source / "PAYMENTS.csv").write_bytes(payments)
        settings = make_churn_settings(producers={"PAYMENTS": str(path)})
        with pytest.raises(BadInput) as error:
            clean_raw_sources(settings, plan_training(settings, AS_OF, source=source, run_id="run"))
        runs = settings.home / "churn" / "runs"
        assert not runs.exists() or not list((runs / "run").iterdir())
        return error.value.in_full.replace(f"{tmp_path}/", "")

    return sentence


def payments(*rows: str, header: str = HEADER) -> bytes:
    return "".join(f"{line}\n" for line in ("Informe", header, *rows)).encode()


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        # The header is in line 2; the row that is left out and the blank line count as lines.
        (
            (GOOD, LEFT_OUT, "", "30/05/2026;8;1;20.50;pagado"),
            "column IMPORTE: 1 cell is no number (its signs are ,) (line 6 '20.50').",
        ),
        (
            (GOOD, "05/30/2026;8;1;20,50;pagado"),
            "column FECHA: 1 cell is no day as dd/MM/yyyy (line 4 '05/30/2026').",
        ),
        (
            (GOOD, "30/05/2026;8;1;;pagado", LEFT_OUT, "30/05/2026;8;1;-2;pagado"),
            "column IMPORTE: 1 cell is missing (line 4); column IMPORTE: 1 cell is below 0 "
            "(line 6 '-2').",
        ),
        (
            (GOOD, '30/05/2026;8;1;2;"pag\nado"', LEFT_OUT, "30/05/2026;8;1;2;pagada"),
            "column Estado: 2 cells are neither kept nor left out by shop.yaml, line 17 "
            "(line 4 'pag\\nado', line 7 'pagada').",
        ),
        ((GOOD, "30/05/2026;8;1;20"), "1 row has fewer fields than the header (line 4)."),
        ((GOOD, f"{LEFT_OUT};"), "1 row has more fields than the header (line 4)."),
    ],
)
def test_a_row(refused: Refusal, rows: tuple[str, ...], says: str) -> None:
    assert refused(PRODUCER, payments(*rows)) == f"PAYMENTS.csv: {says}"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (payments(f"{GOOD};a;b"), ", line 3: the number of fields is 7; expected 5."),
        (payments('"30/05/2026;8;1;20,50;pagado'), ", line 3: a quote is opened and never closed."),
        (payments(), " has a header and no rows."),
        (payments(LEFT_OUT), " has a header and no rows."),
        (b"Informe\n", ", line 2: expected the names of the columns."),
        (b"", " has 0 lines, but 1 are to be skipped."),
        (b"\x1f\x8b\x08", " is a gzip file, not CSV text in UTF-8. Unpack it first."),
        (
            payments(GOOD, GOOD.replace("8", "ñ")).decode().encode("latin-1"),
            ", line 4: this is not UTF-8. Say in the producer's file which encoding the file has.",
        ),
        (
            payments(header="FECHA;VENDEDOR;IMPORTE;ESTADO"),
            ", line 2: the header lacks 'Comprador', which shop.yaml, line 12, reads as user_id; "
            "it has 'FECHA', 'VENDEDOR', 'IMPORTE', 'ESTADO'.",
        ),
        (payments(header=f"{HEADER};fecha "), ", line 2: the header repeats a column: 'fecha '."),
        (
            payments(header=f"{HEADER};Nombre"),
            ", line 2: the header has 'Nombre', which shop.yaml does not name: add it to keep or "
            "to ignore, or set others.",
        ),
    ],
)
def test_a_file(refused: Refusal, content: bytes, says: str) -> None:
    assert refused(PRODUCER, content) == f"PAYMENTS.csv{says}"


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("  segment: Instore", "  segment:", ", line 15: segment has no value: write what it is"),
        ("  discount: 0", "  discount: little", ", line 16: discount is no number in each row."),
        ("  discount: 0", "  discount: -1", ", line 16: discount is below 0 in each row."),
        ("dd/MM", "dd HH:mm/MM", ", line 8: of a churn file, nothing but signs may stand between"),
        ("  dateFormat: dd/MM/yyyy", "", ", line 4: dateFormat says how paid_on is written, such"),
        ("rows:", "values: {paid_on: {hoy: 2026-05-30}}\nrows:", ", line 17: a cell of paid_on, a"),
        ("spent: Importe", "spent: vendedor", ", line 13: vendedor is read as spent here, and as"),
    ],
)
def test_a_producer(refused: Refusal, before: str, after: str, says: str) -> None:
    assert before in PRODUCER
    said = refused(PRODUCER.replace(before, after), payments(GOOD))
    assert said.startswith(f"shop.yaml{says}")


def test_another_encoding_than_declared_names_the_line(refused: Refusal) -> None:
    producer = PRODUCER.replace("file:", "file:\n  encoding: windows-1252")
    content = payments(*[GOOD] * 100_000, GOOD.replace("8", "ü")).decode().encode("cp1252")
    assert refused(producer, content.replace(b"\xfc", b"\x81")) == (
        "PAYMENTS.csv, line 100003: this is not written in windows-1252."
    )


def test_rows_about_one_user_that_differ_are_named_by_their_lines(
    make_churn_settings: MakeSettings, tmp_path: Path
) -> None:
    producer = tmp_path / "people.yaml"
    producer.write_text(
        "kind: Producer\ncontract: churn\ntable: DEMOGRAFICOS\nfile: {delimiter: ';'}\n"
        "columns: {user_id: id, age: age, gender: gender}\nconstants: {card_type: n/a, city: n/a}\n"
        "rows: {column: state, keep: [live], leaveOut: [gone]}\n",
        encoding="utf-8",
    )
    source = deliver(tmp_path / "delivery")
    (source / "DEMOGRAFICOS.csv").write_text(
        "id;age;gender;state\n1;30;F;live\n1;31;F;gone\n\n2;40;M;live\n1;32;F;live\n"
    )
    settings = make_churn_settings(producers={"demograficos.csv": str(producer)})
    with pytest.raises(BadInput) as error:
        clean_raw_sources(settings, plan_training(settings, AS_OF, source=source))
    assert error.value.in_full == (
        "DEMOGRAFICOS.csv: column age: 1 user has rows that say different things "
        "(line 6: user 1); all rows of a user must say the same."
    )


def test_every_producer_is_looked_at_before_a_file_is_read(
    make_churn_settings: MakeSettings, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("kind: Producer\ncontract: gone\n", encoding="utf-8")
    settings = make_churn_settings(producers={"MARKETPLACE_DATA": str(wrong)})
    # No folder is there, which would be said as well.
    with pytest.raises(BadInput, match=rf"^{wrong}, line 2: contract names none of bt_crypto_eve"):
        plan_training(settings, source=tmp_path / "nowhere")
    write_foreign(tmp_path, "ACTIVE_USER", ROWS["ACTIVE_USER"])
    another = make_churn_settings(producers={"PAYMENTS": str(tmp_path / "active_user.yaml")})
    with pytest.raises(BadInput, match=r"line 3: this producer writes ACTIVE_USER, and not PAYMEN"):
        plan_training(another, source=tmp_path / "nowhere")


def test_a_setting_that_names_no_file_of_churn(make_churn_settings: MakeSettings) -> None:
    with pytest.raises(ValueError, match=r"'PAGOS' is none of the files PAYMENTS, ACTIVE_USER, DE"):
        make_churn_settings(producers={"PAGOS": "shop"})
