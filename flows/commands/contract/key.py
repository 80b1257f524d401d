"""`kpi contract adopt-key`: the published table gets the key that the contract declares."""

import typer

from flows.crypto_events.repair.adopt_key import AdoptedKey, adopt_key
from flows.errors import count_of
from flows.local.postgres.shared import running_warehouse
from flows.platform.warehouse.migrations import migrate
from flows.settings import load_settings


def add_to(app: typer.Typer) -> None:
    """Add the command to `kpi contract`."""
    app.command("adopt-key")(adopt)


def adopt() -> None:
    """Give prod.BT_CRYPTO_EVENTS the contract's key; what rows that share it say is kept beside."""
    with running_warehouse(load_settings()) as settings:
        migrate(settings)
        adopted = adopt_key(settings)
    typer.echo(_told(adopted))


def _told(adopted: AdoptedKey) -> str:
    key = ", ".join(adopted.after)
    if not adopted.changed:
        return f"The key of prod.bt_crypto_events is {key} already; nothing was changed."
    told = f"The key of prod.bt_crypto_events was {', '.join(adopted.before)}, and is {key}."
    if adopted.set_aside:
        told += (
            f" Of rows that share it, {count_of(adopted.set_aside, 'row')} went to "
            "dqm.bt_crypto_events_of_other_keys."
        )
    if adopted.back:
        told += f" {count_of(adopted.back, 'row')} came back from there."
    if adopted.first_day is None:
        return told
    return (
        f"{told} Next, publish each day by it: "
        f"kpi backfill --from {adopted.first_day} --to {adopted.last_day}"
    )
