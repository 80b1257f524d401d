"""`kpi contract test` and `infer`: whether a file fits the contract, and how it could."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.crypto_events.ingest import AsOption
from flows.commands.rows import Format, FormatOption, people_console, print_rows
from flows.contracts.contract import Table
from flows.contracts.producers.draft import draft
from flows.contracts.producers.infer import infer
from flows.contracts.producers.read import producer_path, read_producer
from flows.contracts.producers.sample import sample_of
from flows.crypto_events.contract import table_of
from flows.crypto_events.landing.delivery import bytes_to_store
from flows.errors import BadInput, DataRejected, a_few
from flows.local.postgres.shared import running_warehouse
from flows.platform.compute.csv_kind import check_kind
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings, load_settings
from flows.settings.contracted import churn_contract
from flows.values import without_values

if TYPE_CHECKING:
    from flows.crypto_events.staging.trial import Trial

File = Annotated[Path, typer.Argument(metavar="FILE.csv", help="A delivery, or a part of one.")]


def add_to(app: typer.Typer) -> None:
    """Add both commands to `kpi contract`."""
    app.command("test")(judge)
    app.command("infer")(draft_producer)


def judge(file: File, producer: AsOption = None, format_: FormatOption = "table") -> None:
    """Judge a file as a run would, and store nothing: how many rows pass, why others do not.

    A file of a churn producer, or with the name of a churn file, is judged by the churn contract.
    """
    from flows.churn.sources.producers.trial import file_of, judge_file
    from flows.crypto_events.staging.trial import try_delivery

    known = read_producer(producer_path(producer)) if producer else None
    if of_churn := file_of(file, known):
        judged = judge_file(load_settings(), of_churn, file, known)
        passing = _passing(f"{judged.rows:,}", judged.rows_left_out, file.name)
        for sentence in (*judged.told, passing):
            _say(format_, without_values(sentence))
        return
    with running_warehouse(load_settings(), bytes_to_store(file)) as settings:
        migrate(settings)
        trial = try_delivery(settings, file, known)
    if trial.broken:
        print_rows(
            [
                {**vars(broken), "first_rows": ", ".join(map(str, broken.first_rows))}
                for broken in trial.broken
            ],
            {
                "reason": "reason",
                "description": "what a good row satisfies",
                "rows": "rows",
                "first_rows": "first of them",
            },
            format_,
            counts=("rows",),
        )
    said = [
        f"{'Question' if question.binds else 'Warning'}: {question.sentence} ({question.rule})."
        for question in trial.questions
    ]
    _say(format_, "\n".join([*said, _summary(trial)]))
    if trial.broken:
        raise DataRejected(f"Not every row of {file.name} fits the contract. Nothing was stored.")
    if any(question.binds for question in trial.questions):
        raise DataRejected(f"{file.name} as a whole does not fit the contract. Nothing was stored.")


def draft_producer(
    file: File,
    output: Annotated[
        Path | None, typer.Option(help="File to write the draft to, instead of the terminal.")
    ] = None,
    date_format: Annotated[
        str | None, typer.Option(help="How dates are written, such as d/M/yyyy or M/d/yyyy.")
    ] = None,
    decimal_sign: Annotated[
        str | None, typer.Option(help="What stands before decimals: a point or a comma.")
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(metavar="TABLE", help="Which churn file it is to become, such as PAYMENTS."),
    ] = None,
) -> None:
    """Draft a producer's file for a delivery of crypto transactions or of churn.

    Each guess is marked. Without --table, a file with the name of a churn file is taken for one.
    """
    if output is not None and output.exists():
        raise BadInput(f"{output} is there already; nothing was written.")
    settings = load_settings()
    contract, wanted = _wanted_table(settings, file, table)
    _refuse_other_kinds(file)
    guess = infer(sample_of(file), wanted, date_format, decimal_sign)
    text = draft(guess, contract)
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{output} cannot be written: {error.strerror}.") from None
    typer.echo(
        f"Wrote {output}. Look at each guess, then: kpi contract test {file} --as {output}",
        err=True,
    )


def _say(format_: Format, sentence: str) -> None:
    people_console(format_).print(sentence, markup=False, highlight=False)


def _wanted_table(settings: Settings, file: Path, name: str | None) -> tuple[str, Table]:
    """Return the contract and the table that a file is to become."""
    contract = churn_contract()
    names = [table.name for table in contract.tables]
    if name is not None and name.upper() not in names:
        raise BadInput(f"--table is one of {a_few(names)}, not {name}.")
    wanted = name.upper() if name else file.name.removesuffix(".csv")
    if wanted in names:
        return contract.id, contract.table(wanted)
    return "bt_crypto_events", table_of(settings.crypto)


def _refuse_other_kinds(file: Path) -> None:
    """Raise BadInput for an archive, a workbook and the like; text in UTF-16 can be drafted."""
    with suppress(OSError), file.open("rb") as opened:  # which is told when it is read
        if opened.read(len(BOM_UTF16_LE)) in (BOM_UTF16_LE, BOM_UTF16_BE):
            return
        opened.seek(0)
        check_kind(opened, file)


def _summary(trial: "Trial") -> str:
    delivery = trial.delivery
    left_out = delivery.rows_left_out + delivery.rows_forgotten
    passing = f"{trial.rows_passing:,} of {delivery.rows_stored:,}"
    return _passing(passing, left_out, delivery.source_name)


def _passing(rows: str, left_out: int, name: str) -> str:
    also = f"; {left_out:,} are left out" if left_out else ""
    return f"{rows} rows of {name} would pass{also}. Nothing was stored."
