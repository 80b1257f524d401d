"""`kpi train`, `score` and `model`: the churn model by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from flows.churn.folders import last_training
from flows.churn.pipeline import SCORING, TRAINING
from flows.commands.flow_runs import run_flow_in_process
from flows.commands.parameters import with_parameters
from flows.commands.rows import Format, FormatOption, people_console, print_rows
from flows.errors import KpiError
from flows.local.postgres.shared import running_warehouse
from flows.platform.pipeline.lock import pipeline_lock
from flows.platform.storage.atomic_files import read_json
from flows.platform.warehouse.connection import execute, transaction
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from prefect import Flow

model = typer.Typer(no_args_is_help=True, help="The churn model's versions.")


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command()(train)
    app.command()(score)
    app.add_typer(model, name="model")


@with_parameters(TRAINING)
def train(**parameters: Any) -> None:
    """Run the Prefect flow churn-training: features, Spark, MLflow, promotion."""
    with running_warehouse(load_settings()) as settings:
        train_model(Console(), settings, **parameters)


def train_model(console: Console, settings: Settings, **parameters: Any) -> None:
    """Run the training flow in this process and print what came of it."""
    run_flow_in_process(settings, _training, **parameters)
    print_training(console, settings)


def print_training(console: Console, settings: Settings) -> None:
    """Print what came of the last training: its quality, each reason, what is Production."""
    summary = read_json(last_training(settings))
    training, decision = summary["training"], summary["decision"]
    holdout = training["holdout"]
    console.print(
        f"Version {decision['version']}: ROC AUC {holdout['roc_auc']:.3f}, calibration error "
        f"{holdout['calibration_error']:.3f} on {holdout['rows']:,} users it was not trained on."
    )
    console.print(
        f"Ageing, by payments alone: {_or_unknown(training.get('payments_alone_roc_auc'))} fitted "
        f"now, {_or_unknown(training['out_of_time_roc_auc'])} fitted a month earlier."
    )
    for mark, reasons in (("+", decision["reasons_for"]), ("-", decision["reasons_against"])):
        for reason in reasons:
            console.print(f"  {mark} {reason}", highlight=False)
    production = summary["production"]
    if production == decision["version"]:
        console.print(f"Version {production} is Production.", style="green")
    else:
        console.print(f"Production stays {production or 'empty'}.", style="yellow")


@with_parameters(SCORING)
def score(*, format_: FormatOption = "table", **parameters: Any) -> None:
    """Run the Prefect flow churn-scoring: every user's probability of churn."""
    with running_warehouse(load_settings()) as settings:
        score_everybody(people_console(), settings, format_, **parameters)


def score_everybody(
    console: Console, settings: Settings, format_: Format = "table", **parameters: Any
) -> None:
    """Run the scoring flow in this process and print the users by probability."""
    run_flow_in_process(settings, _scoring, **parameters)
    with transaction(settings, "summary") as connection:
        rows = execute(connection, "churn/model/latest_scores.sql").fetchall()
    print_rows(
        [{**row, "to_percent": row["from_percent"] + 10} for row in rows],
        {
            "as_of": "as of",
            "model_version": "version",
            "from_percent": "churn from %",
            "to_percent": "to %",
            "users": "users",
        },
        format_,
        counts={"users"},
        console=console,
    )


@model.command("history")
def history(
    limit: Annotated[int, typer.Option(min=1, help="At most so many lines.")] = 20,
    format_: FormatOption = "table",
) -> None:
    """Show the promotion ledger: which version became Production, when, by whom and why.

    Also tells where MLflow says otherwise.
    """
    from flows.churn.production import ledger

    with running_warehouse(load_settings()) as settings:
        migrate(settings, only_reads=True)
        lines = ledger.history(settings, limit)
        difference = _difference(settings)
    print_rows(
        lines,
        {
            "decided_at": "when",
            "version": "version",
            "action": "what",
            "former_version": "before",
            "decided_by": "by",
            "reasons": "why",
            "model_sha256": "SHA-256",
        },
        format_,
        nothing="No version was judged yet: train one with kpi train.",
    )
    if difference:
        typer.echo(difference, err=True)


@model.command("approve")
def approve(
    run_id: Annotated[str, typer.Argument(help="The training run whose version is judged.")],
    why: Annotated[str, typer.Option(help="Why, for whoever reads it later.")],
    by: Annotated[str | None, typer.Option(help="Who decides; you, when left out.")] = None,
    refuse: Annotated[bool, typer.Option("--refuse", help="Say no instead.")] = False,
) -> None:
    """Answer for a training outside Prefect that waits for approval; then promote_model goes on."""
    from flows.churn.promotion.approval import record_approval
    from flows.platform.pipeline.run import Run

    settings = load_settings()
    run = Run(as_of=datetime.now(settings.zone).date(), run_id=run_id)
    answer = record_approval(settings, run, approved=not refuse, why=why, by=by)
    verdict = "may" if answer.approved else "may not"
    typer.echo(f"Version {answer.version} {verdict} become Production, says {answer.by}.")


@model.command("accept")
def accept(
    version: Annotated[str, typer.Argument(help="The version of churn-model in MLflow.")],
    why: Annotated[str, typer.Option(help="Why, for whoever reads it later.")],
    by: Annotated[str | None, typer.Option(help="Who decides; you, when left out.")] = None,
) -> None:
    """Make a version Production as it is in MLflow, without guardrails, known by its hash."""
    from flows.churn.promotion.accept import accept as take_in

    with _no_training() as settings:
        document = take_in(settings, version, why=why, by=by)
    typer.echo(f"Version {version} is Production, known by SHA-256 {document.sha256}.")


@model.command("rollback")
def rollback(
    why: Annotated[str, typer.Option(help="Why, for whoever reads it later.")],
    by: Annotated[str | None, typer.Option(help="Who decides; you, when left out.")] = None,
) -> None:
    """Make Production what it was before the current version."""
    from flows.churn.promotion.rollback import roll_back

    with _no_training() as settings:
        current, former = roll_back(settings, why=why, by=by)
    typer.echo(f"Production is version {former} again; version {current} is archived.")


@contextmanager
def _no_training() -> Iterator[Settings]:
    """Yield the settings, with a migrated warehouse, while no training is under way."""
    from flows.platform.pipeline.run import Run

    with running_warehouse(load_settings()) as settings:
        migrate(settings)
        with pipeline_lock(settings, TRAINING.name, Run(as_of=datetime.now(settings.zone).date())):
            yield settings


def _difference(settings: Settings) -> str | None:
    """Say how MLflow and the ledger differ about Production, or that MLflow cannot be asked."""
    from flows.churn.production.in_mlflow import has_registry
    from flows.churn.production.truth import look

    if not has_registry(settings):
        return None
    try:
        found = look(settings).difference
    except KpiError as error:
        return f"Whether MLflow agrees is not known. {error}"
    return f"{found.fact} {found.next}" if found else None


def _or_unknown(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"


def _training() -> "Flow[Any, Any]":
    from flows.churn.training import churn_training

    return churn_training


def _scoring() -> "Flow[Any, Any]":
    from flows.churn.scoring import churn_scoring

    return churn_scoring
