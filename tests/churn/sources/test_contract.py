"""What the five files may hold: each kind of mistake is one sentence, and changes nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.churn.planning import plan_training
from flows.churn.sources.clean_raw_sources import CleanSources, clean_folder, clean_raw_sources
from flows.errors import BadInput
from flows.settings import Settings
from tests.churn.churn_files import HEADERS, ROWS, deliver

Clean = Callable[[Path], CleanSources]

HOW_COUNTED = "Rows are counted without the header."
NAME = "DEMOGRAFICOS"
HEADER = HEADERS[NAME]
ADVICE = f"Where that is how its producer writes it: kpi contract infer {NAME}.csv."
EXPECTED = f"expected {HEADER}, in any order. {ADVICE}"


@pytest.fixture
def clean(churn_settings: Settings) -> Clean:
    """The step, on a folder."""

    def run(folder: Path) -> CleanSources:
        run = plan_training(churn_settings, source=folder, run_id="run")
        return clean_raw_sources(churn_settings, run)

    return run


@pytest.fixture
def refused(clean: Clean, churn_settings: Settings, tmp_path: Path) -> Callable[[], str]:
    """What the step says about the delivery in `tmp_path`; it must have left nothing."""

    def sentence() -> str:
        with pytest.raises(BadInput) as error:
            clean(tmp_path)
        assert error.value.exit_code == 2
        folder = churn_settings.home / "churn" / "runs" / "run"
        assert not folder.exists() or not list(folder.iterdir())
        return error.value.in_full

    return sentence


def test_a_missing_file(tmp_path: Path, refused: Callable[[], str]) -> None:
    (deliver(tmp_path) / f"{NAME}.csv").unlink()
    assert refused() == f"{tmp_path}/{NAME}.csv cannot be read: No such file or directory."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", f"{NAME}.csv is empty: expected a header and rows."),
        (f"{HEADER}\n", f"{NAME}.csv has a header and no rows."),
        (HEADER, f"{NAME}.csv has a header and no rows."),
        (
            "CUS_CUST_ID_BUY,AGE,CITY\n1,30,Rosario\n",
            f"{NAME}.csv, line 1: the header lacks 'GENDER', 'CARD_TYPE'; {EXPECTED}",
        ),
        (
            f"{HEADER},AGE\n1,30,F,Credit,Rosario,31\n",
            f"{NAME}.csv, line 1: the header repeats 'AGE'; {EXPECTED}",
        ),
        *(
            (
                HEADER.replace(",", delimiter) + "\n",
                f"{NAME}.csv, line 1: the columns are separated by {called} instead of commas; "
                f"{EXPECTED}",
            )
            for delimiter, called in ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars"))
        ),
        (
            f"{HEADER}\n1,30,F,Credit,Rosario\n2,30\n",
            f"{NAME}.csv: 1 row has fewer fields than the header (row 2). {HOW_COUNTED}",
        ),
        (
            f"{HEADER}\n1,30,F,Credit,Rosario,Argentina\n",
            f"{NAME}.csv: 1 row has more fields than the header (row 1). {HOW_COUNTED}",
        ),
        (
            # Read as user 1 of age 2, who has no city.
            f"{HEADER}\n1,30,F,Credit,Rosario\n1,2,30,F,Credit,\n1,3,30,M,Credit,\n",
            f"{NAME}.csv: 2 rows have more fields than the header (row 2, row 3). {HOW_COUNTED}",
        ),
        (
            f"{HEADER}\n1,30,F,Credit,Rosario,Argentina,South\n",
            f"{NAME}.csv, line 2: the number of fields is 7; expected 5.",
        ),
        (
            f'{HEADER}\n1,30,F,Credit,"Rosario\n2,30,M,Credit,Lima\n',
            f"{NAME}.csv, line 2: a quote is opened and never closed.",
        ),
    ],
)
def test_a_file_that_is_no_table(
    content: str, sentence: str, tmp_path: Path, refused: Callable[[], str]
) -> None:
    (deliver(tmp_path) / f"{NAME}.csv").write_text(content)
    assert refused() == sentence


@pytest.mark.parametrize(
    ("row", "encoding", "where"),
    [
        ("1,30,F,Credit,Córdoba", "latin-1", ", line 4: this is not UTF-8. Save the file"),
        ("1,30,F,Credit,Lima", "utf-16", " is UTF-16 text, not CSV text in UTF-8"),
        ("1,30,F,Credit,Lima", "utf-16-le", " is UTF-16 text, not CSV text in UTF-8"),
    ],
)
def test_another_encoding(
    row: str, encoding: str, where: str, tmp_path: Path, refused: Callable[[], str]
) -> None:
    lines = [HEADER, "2,30,M,Credit,Lima", "3,30,M,Credit,Lima", row]
    (deliver(tmp_path) / f"{NAME}.csv").write_bytes("\n".join(lines).encode(encoding))
    assert refused().startswith(f"{NAME}.csv{where}")


def test_lines_that_end_in_different_ways(tmp_path: Path, refused: Callable[[], str]) -> None:
    path = deliver(tmp_path) / f"{NAME}.csv"
    path.write_bytes(f"{HEADER}\n1,30,F,Credit,Lima\r\n2,30,F,Credit,Lima\n".encode())
    assert refused().startswith(f"{NAME}.csv cannot be read. Do all lines end alike? ")


@pytest.mark.parametrize(
    ("name", "row", "broken"),
    [
        (
            "DEMOGRAFICOS",
            "4,{},F,Credit,Lima",
            "AGE: 1.5 x 1,5 0x10 1e1 1_0 ٣",
        ),
        ("PAYMENTS", "2026-06-01,7,{},5,Instore,", "CUS_CUST_ID_BUY: 1.23E+04 73928e05 12348.4"),
        (
            "PAYMENTS",
            "2026-06-01,7,1,{},Instore,",
            "SPENT: inf -inf 1,5 $5 1e3 1_0 1e99",
        ),
        ("ACTIVE_USER", "4,1,1,1,{}", "last_login_mp_date_1: 31/02/2026 2026-02-31 x 26-05-01"),
        ("PAYMENTS", "{},7,1,5,Instore,", "FECHA: 2026-06-01T10:00 epoch infinity 2206-06-01"),
    ],
)
def test_a_cell_of_another_type(
    name: str, row: str, broken: str, tmp_path: Path, refused: Callable[[], str]
) -> None:
    column, _, cells = broken.partition(": ")
    rules = dict.fromkeys(("AGE", "CUS_CUST_ID_BUY"), "no whole number") | {"SPENT": "no number"}
    rule = rules.get(column, "no day as %Y-%m-%d")
    for cell in cells.split():
        deliver(tmp_path, **{name: [*ROWS[name], row.format(f'"{cell}"')]})
        assert refused() == (
            f"{name}.csv: column {column}: 1 cell is {rule} "
            f"(row {len(ROWS[name]) + 1} {cell!r}). {HOW_COUNTED}"
        )


@pytest.mark.parametrize(
    ("name", "row", "problem"),
    [
        (
            "PAYMENTS",
            "2026-06-01,7,1,-0.01,Instore,",
            "column SPENT: 1 cell is below 0 ({} '-0.01')",
        ),
        (
            "PAYMENTS",
            "2026-06-01,7,1,1,Instore,-2",
            "column DESCUENTO: 1 cell is below 0 ({} '-2')",
        ),
        (
            "PAYMENTS",
            "2026-06-01,7,1,100000000000000.5,Instore,",
            "column SPENT: 1 cell is too large, with more than 14 digits before the point ({} "
            "'100000000000000.5')",
        ),
        (
            "PAYMENTS",
            "2026-06-01,7,9223372036854775808,5,Instore,",
            "column CUS_CUST_ID_BUY: 1 cell is too large, beyond 9,223,372,036,854,775,807 ({} "
            "'9223372036854775808')",
        ),
        (
            "PAYMENTS",
            "2026-06-01,7,1,99999999999999.99,Instore,-99999999999999999999",
            "column DESCUENTO: 1 cell is too large, with more than 14 digits before the point ({} "
            "'-99999999999999999999')",
        ),
        ("ACTIVE_USER", "4,-1,0,0,", "column MAU_MP_1: 1 cell is below 0 ({} '-1')"),
        ("DEMOGRAFICOS", "4,131,F,Credit,", "column AGE: 1 cell is above 130 ({} '131')"),
        ("MARKETPLACE_DATA", "n/a,1,,0", "column CUS_CUST_ID_BUY: 1 cell is missing ({})"),
        ("MARKETPLACE_DATA", " ,1,,0", "column CUS_CUST_ID_BUY: 1 cell is missing ({})"),
        ("PAYMENTS", ",7,1,5,Instore,", "column FECHA: 1 cell is missing ({})"),
        ("PAYMENTS", "2026-06-01,7,1, ,Instore,", "column SPENT: 1 cell is missing ({})"),
    ],
)
def test_a_cell_that_breaks_a_rule(
    name: str, row: str, problem: str, tmp_path: Path, refused: Callable[[], str]
) -> None:
    deliver(tmp_path, **{name: [*ROWS[name], row]})
    problem = problem.format(f"row {len(ROWS[name]) + 1}")
    assert refused() == f"{name}.csv: {problem}. {HOW_COUNTED}"


def test_all_rules_of_a_file_with_the_first_rows_and_how_many(
    tmp_path: Path, refused: Callable[[], str]
) -> None:
    good = [f"{user},30,F,Credit,Lima" for user in range(200_000)]
    bad = [f"x,{131 + user},F,Credit,Lima" for user in range(1_500)]
    deliver(tmp_path, DEMOGRAFICOS=[*good, *bad])
    rows = (200_001, 200_002, 200_003)
    ids = ", ".join(f"row {row} 'x'" for row in rows)
    ages = ", ".join(f"row {row} '{row - 200_001 + 131}'" for row in rows)
    assert refused() == (
        f"DEMOGRAFICOS.csv: column CUS_CUST_ID_BUY: 1,500 cells are no whole number ({ids}); "
        f"column AGE: 1,500 cells are above 130 ({ages}). {HOW_COUNTED}"
    )


def test_users_with_rows_that_say_different_things(
    tmp_path: Path, refused: Callable[[], str]
) -> None:
    rows = ["1,30,F,,Lima", "2,30,F,,Lima", "1,31,F,,Lima", "3,30,F,,", "2,30,F,,", "2,30,F,,Lima"]
    deliver(tmp_path, DEMOGRAFICOS=rows)
    assert refused() == (
        "DEMOGRAFICOS.csv: columns AGE, CITY: 2 users have rows that say different things "
        f"(row 3: user 1, row 5: user 2); all rows of a user must say the same. {HOW_COUNTED}"
    )


def test_values_that_the_contract_does_not_know_may_refuse_a_file(
    make_churn_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = make_churn_settings(unknown_values="refuse")
    deliver(
        tmp_path, DEMOGRAFICOS=["1,30,f,,", "2,30,X,,"], DINERO_CUENTA=["1,,,", "2,1,1,Retired"]
    )
    run = plan_training(settings, source=tmp_path)
    with pytest.raises(BadInput) as error:
        clean_raw_sources(settings, run)
    assert error.value.in_full == (
        "DEMOGRAFICOS.csv: column GENDER: 2 cells are none of F, M (row 1 'f', row 2 'X'). "
        f"{HOW_COUNTED}"
    )
    # In states, logs and messages.
    assert str(error.value) == (
        f"DEMOGRAFICOS.csv: column GENDER: 2 cells are none of F, M (row 1, row 2). {HOW_COUNTED}"
    )


def test_payments_without_a_readable_day(tmp_path: Path, refused: Callable[[], str]) -> None:
    deliver(tmp_path, PAYMENTS=["30/06/2026,7,1,5,Instore,"])
    assert refused() == "PAYMENTS.csv holds no readable day in column FECHA (%Y-%m-%d)."


def test_another_form_of_dates_is_a_setting(
    make_churn_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = make_churn_settings(date_format="%d/%m/%Y")
    days = {"PAYMENTS": ["30/06/2026,7,1,5,Instore,", "01/02/2026,7,1,5,Instore,"]}
    deliver(tmp_path, **days, ACTIVE_USER=["1,1,1,1,31/05/2026"], MARKETPLACE_DATA=["1,,,"])
    run = plan_training(settings, source=tmp_path)
    cleaned = clean_raw_sources(settings, run)
    assert f"{run.as_of} {cleaned.first_payment_on}" == "2026-06-30 2026-02-01"


def test_what_an_earlier_attempt_left_stays(
    clean: Clean, churn_settings: Settings, tmp_path: Path
) -> None:
    clean(deliver(tmp_path))
    folder = clean_folder(
        churn_settings, plan_training(churn_settings, source=tmp_path, run_id="run")
    )
    before = {file: file.read_bytes() for file in folder.iterdir()}
    assert len(before) == 6
    deliver(tmp_path, MARKETPLACE_DATA=["1,-1,,"])
    with pytest.raises(BadInput, match=r"^MARKETPLACE_DATA\.csv: column SPENT_ML"):
        clean(tmp_path)
    assert {file: file.read_bytes() for file in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["clean"]
