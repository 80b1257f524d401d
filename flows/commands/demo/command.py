"""`kpi demo`: the whole story on real components, in one go."""

import typer
from rich.console import Console
from rich.rule import Rule

from flows.churn.folders import drift_reports, last_training
from flows.commands.demo.crypto_events import short, show_crypto_events
from flows.local.postgres.shared import running_warehouse
from flows.platform.orchestration.environment import configure_prefect, quiet_prefect
from flows.platform.storage.layout import data_docs_index
from flows.platform.storage.object_store import address_for_people
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings, load_settings


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(demo)


def demo() -> None:
    """Show both deliverables: crypto events with a bad delivery, churn with drift."""
    from flows.commands.demo.churn import show_churn

    console = Console()
    settings = load_settings()
    console.print("Starting PostgreSQL and Prefect ...")
    with running_warehouse(settings) as running:
        migrate(running)
        configure_prefect(running)
        quiet_prefect()
        show_crypto_events(console, running)
        show_churn(console, running)
    _where_to_look(console, settings)


def _where_to_look(console: Console, settings: Settings) -> None:
    console.print(Rule("Where to look next"))
    for what, where in (
        ("Data Docs", address_for_people(settings, data_docs_index(settings))),
        ("Rejected rows", "kpi rejects"),
        ("What the next run would do", "kpi plan"),
        ("Last training", short(last_training(settings))),
        ("Why a version is Production", "kpi model history"),
        ("Drift reports", short(drift_reports(settings))),
        ("SQL", "kpi psql -c 'SELECT * FROM prod.bt_crypto_events LIMIT 5'"),
        ("Prefect, MLflow and the app", "kpi up"),
        ("All commands", "kpi --help"),
    ):
        console.print(f"{what:28}{where}", markup=False, highlight=False, soft_wrap=True)
    console.print("kpi is .venv/bin/kpi", style="dim")
