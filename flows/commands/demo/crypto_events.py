"""The crypto events part of `kpi demo`: a bad delivery is refused, its correction published."""

from datetime import date, datetime
from pathlib import Path

from rich.console import Console
from rich.rule import Rule

from flows.commands.crypto_events.runs import run_flow
from flows.commands.progress import progress
from flows.commands.tables import print_rejects
from flows.crypto_events.landing.ingest import ingest
from flows.crypto_events.repair.rejects import open_rejects_by_reason
from flows.errors import DataRejected, KpiError
from flows.platform.warehouse.connection import execute, transaction
from flows.settings import Settings

_HISTORY = (date(2023, 1, 1), date(2023, 2, 1))
_HEADER = "site_id,user_id,purchase_date,crypto_type,purchase_price,purchase_units"
_DIRTY = """\
ARGENTINA,410001,{today},BTC,61250.10,0.25
BRASIL,410002,{today},ETH,3120.55,1.5
MEXICO,410003,{today},USDC,1.0002,2500
BRASIL,410004,31/2/{year},BTC,61000,0.1
Brasil,410005,{today},ETH,3118.20,0.8
MEXICO,410006,{today},BTC,NaN,0.3
ARGENTINA,410007,{today},USDC,"1,0001",100
MEXICO,,{today},ETH,3119.00,2
"""
_CORRECTED = """\
ARGENTINA,410001,{today},BTC,61250.10,0.25
BRASIL,410002,{today},ETH,3120.55,1.5
MEXICO,410003,{today},USDC,1.0002,2500
BRASIL,410004,{today},BTC,61000,0.1
BRASIL,410005,{today},ETH,3118.20,0.8
MEXICO,410006,{today},BTC,61100,0.3
ARGENTINA,410007,{today},USDC,1.0001,100
MEXICO,410008,{today},ETH,3119.00,2
"""


def show_crypto_events(console: Console, settings: Settings) -> None:
    """Run the daily flow four times: history, today, a bad delivery, its correction."""
    console.print(Rule("1. Twelve rows of history, published as the days they belong to"))
    first, last = _HISTORY
    _run(console, settings, as_of=last, window_days=(last - first).days + 1, generate=False)

    console.print(
        Rule("2. The daily run: five days, topped up with fake rows, validated, published")
    )
    _run(console, settings)

    console.print(Rule("3. A delivery with bad rows is refused, and production stays as it is"))
    _deliver(console, settings, _DIRTY)
    before = _fingerprint(settings)
    try:
        _run(console, settings)
    except DataRejected as refusal:
        console.print(str(refusal), style="red", markup=False)
    else:
        raise KpiError("The demo's bad delivery was not refused; please report this.")
    with transaction(settings, "rejects") as connection:
        print_rejects(open_rejects_by_reason(connection, settings), console=console)
    if _fingerprint(settings) != before:
        raise KpiError("A refused run changed production; please report this.")
    console.print("prod.BT_CRYPTO_EVENTS is the same to the last byte.")

    console.print(Rule("4. The corrected delivery replaces it; what vanished is deactivated"))
    _deliver(console, settings, _CORRECTED)
    _run(console, settings)


def _run(console: Console, settings: Settings, **parameters: object) -> None:
    with progress(console, "crypto-events"):
        run_flow(settings, **parameters)


def _deliver(console: Console, settings: Settings, rows: str) -> None:
    today = datetime.now(settings.zone).date()
    file = settings.home / "demo" / "morning.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    text = rows.format(today=f"{today.day}/{today.month}/{today.year}", year=today.year)
    file.write_text(f"{_HEADER}\n{text}", encoding="utf-8")
    stored = ingest(settings, file, "replace-days")
    console.print(
        f"kpi ingest --mode replace-days {short(file)}: stored {stored.rows_stored} rows, "
        f"replaced {stored.rows_replaced}"
    )


def _fingerprint(settings: Settings) -> object:
    with transaction(settings, "demo") as connection:
        return execute(connection, "crypto_events/publication/fingerprint.sql").fetchone()


def short(path: Path) -> str:
    """Return the path as it is written from the working folder."""
    working_folder = Path.cwd()
    return str(path.relative_to(working_folder) if path.is_relative_to(working_folder) else path)
