"""What each step of crypto events says about the tables that it read and wrote."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flows.crypto_events.contract import RAW_SUITE, raw_rules
from flows.crypto_events.delivery_rules import delivery_rules
from flows.crypto_events.pipeline import (
    CANDIDATE,
    DELIVERIES,
    PROD,
    RAW,
    RAW_WINDOW,
    REJECTS,
    REPLACED,
    VERDICTS,
    WINDOW,
)
from flows.platform.pipeline.declaration import Dataset
from flows.platform.pipeline.lineage.facts import Facts, Verdict
from flows.settings import Settings

if TYPE_CHECKING:
    from flows.crypto_events.landing.generate_fake_history_last_5_days import GeneratedHistory
    from flows.crypto_events.landing.ingest import Ingested
    from flows.crypto_events.landing.told import DeliveryRun
    from flows.crypto_events.publication.merge_to_prod import Publication
    from flows.crypto_events.run import WindowRun
    from flows.crypto_events.staging.build_events_candidate import BuiltCandidate
    from flows.crypto_events.validation.validate import Validation

_DELIVERED = (
    "site_id",
    "user_id",
    "purchase_date",
    "crypto_type",
    "purchase_price",
    "purchase_units",
)
_PRODUCT = ("purchase_price", "purchase_units")
_UNREADABLE = ("user_id", "purchase_date", "purchase_price", "purchase_units")

Sources = Mapping[str, tuple[tuple[Dataset, str], ...]]


def delivered(settings: Settings, run: "DeliveryRun", result: "Ingested") -> Facts:
    """Rows and hash of the file, and what became of its rows; how many are of whom, never."""
    read_as = run.read_as or {name: name for name in _DELIVERED}
    of_file: Sources = {name: ((run.file, header),) for name, header in read_as.items()}
    return Facts(
        rows={
            run.file: result.rows_read,
            RAW: result.rows_stored,
            REPLACED: result.rows_replaced,
            DELIVERIES: 1,
        },
        versions={run.file: run.sha256()},
        columns={RAW: of_file, REPLACED: {name: ((RAW, name),) for name in _DELIVERED}},
        fields={run.file: dict.fromkeys(read_as.values(), "text")},
    )


def generated(settings: Settings, run: "WindowRun", result: "GeneratedHistory") -> Facts:
    """Rows that were made up."""
    return Facts(rows={RAW: result.rows})


def staged(settings: Settings, run: "WindowRun", result: "BuiltCandidate") -> Facts:
    """Rows of the window and of the candidate, and the raw columns that they are read from."""
    read = {name: ((RAW, name),) for name in ("raw_id", *_DELIVERED)}
    candidate = {**read, "purchase_value": tuple((RAW, name) for name in _PRODUCT)}
    window = {
        **candidate,
        **{f"unreadable_{name}": ((RAW, name),) for name in _UNREADABLE},
        "latest_date": ((RAW, "arrived_at"),),
        "reasons": tuple((RAW, name) for name in (*_DELIVERED, "arrived_at")),
        "superseded_by": tuple((RAW, name) for name in ("raw_id", *_DELIVERED)),
    }
    return Facts(
        rows={
            RAW: result.raw_rows,
            WINDOW: result.raw_rows,
            RAW_WINDOW: result.raw_rows - result.dismissed_rows,
            CANDIDATE: result.candidate_rows,
        },
        columns={WINDOW: window, RAW_WINDOW: window, CANDIDATE: candidate},
    )


def raw_validated(settings: Settings, run: "WindowRun", result: "Validation") -> Facts:
    """The verdicts of suite_raw_history on the window."""
    return _validated(settings, result)


def candidate_validated(settings: Settings, run: "WindowRun", result: "Validation") -> Facts:
    """The verdicts of suite_staging_candidate on the candidate, or of the suite before it.

    That one runs again where the window is built again, and may refuse it.
    """
    return _validated(settings, result)


def published(settings: Settings, run: "WindowRun", result: "Publication") -> Facts:
    """Rows of prod that changed, and the candidate's columns that they are made of."""
    made_of: Sources = {name: ((CANDIDATE, name),) for name in (*_DELIVERED, "purchase_value")}
    changed = result.inserted + result.updated + result.reactivated + result.deactivated
    return Facts(
        rows={
            CANDIDATE: result.inserted + result.updated + result.reactivated + result.unchanged,
            PROD: changed,
        },
        columns={PROD: made_of},
    )


def _validated(settings: Settings, result: "Validation") -> Facts:
    dataset = RAW_WINDOW if result.suite == RAW_SUITE else CANDIDATE
    columns = {rule.id: rule.column for rule in raw_rules(settings.crypto)}
    columns |= {rule.id: rule.column for rule in delivery_rules(settings.crypto)}
    verdicts = tuple(
        Verdict(check.id, check.success, columns.get(check.id)) for check in result.checks
    )
    return Facts(
        rows={dataset: result.rows, VERDICTS: 1, REJECTS: sum(result.reasons.values())},
        verdicts={dataset: verdicts},
    )
