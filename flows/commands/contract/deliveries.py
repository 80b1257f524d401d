"""`kpi contract test` and `infer`: whether a file fits the contract, and how it could."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.crypto_events.ingest import AsOption
from flows.commands.rows import FormatOption, people_console, print_rows
from flows.contracts.producers.draft import draft
from flows.contracts.producers.infer import infer
from flows.contracts.producers.read import producer_path, read_producer
from flows.contracts.producers.sample import sample_of
from flows.crypto_events.contract import table_of
from flows.crypto_events.landing.delivery import bytes_to_store
from flows.crypto_events.staging.trial import Trial, try_delivery
from flows.errors import BadInput, DataRejected
from flows.local.postgres.shared import running_warehouse
from flows.platform.warehouse.migrations import migrate
from flows.settings import load_settings

File = Annotated[Path, typer.Argument(metavar="FILE.csv", help="A delivery, or a part of one.")]


def add_to(app: typer.Typer) -> None:
    """Add both commands to `kpi contract`."""
    app.command("test")(judge)
    app.command("infer")(draft_producer)


def judge(file: File, producer: AsOption = None, format_: FormatOption = "table") -> None:
    """Judge a file as a run would, and store nothing: how many rows pass, why others do not."""
    known = read_producer(producer_path(producer)) if producer else None
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
    people_console(format_).print(
        "\n".join([*said, _summary(trial)]), markup=False, highlight=False
    )
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
) -> None:
    """Draft a producer's file for a delivery of crypto transactions, with each guess marked."""
    if output is not None and output.exists():
        raise BadInput(f"{output} is there already; nothing was written.")
    settings = load_settings()
    guess = infer(sample_of(file), table_of(settings.crypto), date_format, decimal_sign)
    text = draft(guess, "bt_crypto_events")
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


def _summary(trial: Trial) -> str:
    delivery = trial.delivery
    judged = delivery.rows_stored
    left_out = delivery.rows_left_out + delivery.rows_forgotten
    also = f"; {left_out:,} are left out" if left_out else ""
    return (
        f"{trial.rows_passing:,} of {judged:,} rows of {delivery.source_name} would pass{also}. "
        "Nothing was stored."
    )
