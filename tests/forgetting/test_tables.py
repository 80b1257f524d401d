"""Files of rows without a person: the others' rows stay as they are."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.errors import KpiError
from flows.forgetting.tables import forget_in_csv, forget_in_parquet
from flows.forgetting.trace import Trace, by_place
from flows.platform.forgetting.people import People

HER = People("7")
CSV = (
    "\ufeffFECHA,CUS_CUST_ID_SEL,CUS_CUST_ID_BUY,SPENT\r\n"
    '2026-05-30,8,7,"1\n2"\r\n'
    '2026-05-30,7,1,"a ""b"""\r\n'
    '2026-05-31,8,2,"unusual" \r\n'
)


def write(path: Path) -> Path:
    table = pa.table({"seller_id": [8, 7, None], "user_id": [7, 1, 2], "spent": [1.5, 2.5, None]})
    pq.write_table(table, path, row_group_size=1)
    path.with_name(f".{path.name}.crc").touch()
    return path


def test_her_rows_go_and_where_others_name_her_her_id(tmp_path: Path) -> None:
    path = write(tmp_path / "part-0.parquet")

    found = forget_in_parquet(path, HER, place="here", dry_run=False)

    assert by_place(found) == [Trace("here", 1, "deleted"), Trace("here", 1, "made nameless")]
    assert pq.read_table(path).to_pylist() == [
        {"seller_id": None, "user_id": 1, "spent": 2.5},
        {"seller_id": None, "user_id": 2, "spent": None},
    ]
    # With Spark's checksum of before, Spark would refuse the file.
    assert [path.name for path in tmp_path.iterdir()] == ["part-0.parquet"]


def test_a_dry_run_counts_the_same(tmp_path: Path) -> None:
    path = write(tmp_path / "users.parquet")
    before = path.read_bytes()

    found = forget_in_parquet(path, HER, place="here", dry_run=True)

    assert path.read_bytes() == before
    assert found == forget_in_parquet(path, HER, place="here", dry_run=False)


def test_a_file_without_her_is_not_written(tmp_path: Path) -> None:
    path = write(tmp_path / "users.parquet")
    before = path.stat()

    assert by_place(forget_in_parquet(path, People("70"), place="here", dry_run=False)) == []
    assert path.stat() == before


def test_no_parquet_is_told(tmp_path: Path) -> None:
    path = tmp_path / "half.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(KpiError, match=r"half\.parquet cannot be searched"):
        forget_in_parquet(path, HER, place="here", dry_run=True)


def test_lines_of_others_stay_to_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "PAYMENTS.csv"
    path.write_text(CSV, encoding="utf-8", newline="")

    counted = forget_in_csv(path, HER, place="here", dry_run=True)
    assert forget_in_csv(path, HER, place="here", dry_run=False) == counted

    assert by_place(counted) == [Trace("here", 1, "deleted"), Trace("here", 1, "made nameless")]
    assert path.read_bytes().decode() == (
        "\ufeffFECHA,CUS_CUST_ID_SEL,CUS_CUST_ID_BUY,SPENT\r\n"
        '2026-05-30,,1,"a ""b"""\r\n'
        '2026-05-31,8,2,"unusual" \r\n'
    )
