"""The feature queries: the templates in sql/churn, filled in from the declared features."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from flows.churn.features.declaration import Feature
from flows.churn.features.definitions import FEATURES
from flows.churn.features.payment_days import count_of_days, last_but_one_day
from flows.churn.sources.contract import PAYMENTS, SOURCE_FILES, SourceFile
from flows.settings.churn import ChurnSettings
from flows.sql_files import read_sql

_SQL_TYPES = {
    "whole number": "BIGINT",
    "number": "DOUBLE",
    "amount": "DECIMAL(18, 4)",
    "date": "DATE",
    "text": "STRING",
}
_HASH_DIGITS = 8


@dataclass(frozen=True)
class Sources:
    """Checked sources as a query reads them.

    `true_as_of`: the day that each file about users describes; `left_out`: the files whose columns
    stay NULL, and whose users count only if they paid by the cutoff; `lookback_days`: how many
    days of payments features read.
    """

    folder: Path
    true_as_of: dict[str, date]
    left_out: tuple[str, ...]
    lookback_days: int
    rows_of: Callable[[Path], str]


def features_query(sources: Sources, cutoff: date) -> str:
    """Return SQL for the features of each user as of `cutoff`."""
    values = {
        "lookback_days": str(sources.lookback_days),
        "count_of_days": count_of_days(sources.lookback_days),
        "last_but_one_day": last_but_one_day(sources.lookback_days),
        **{f"{name.lower()}_day": _day(day) for name, day in sources.true_as_of.items()},
    }
    return read_sql("churn/features/users.sql").format(
        cutoff=_day(cutoff),
        lookback_days=sources.lookback_days,
        payment_features=", ".join(
            f"{feature.sql.format(**values)} AS {feature.name}"
            for feature in FEATURES
            if feature.source == "payments"
        ),
        features=", ".join(
            f"CAST({_value(feature).format(**values)} AS DOUBLE) AS {feature.name}"
            for feature in FEATURES
        ),
        **{file.name.lower(): _table(file, sources, cutoff) for file in SOURCE_FILES},
    )


def labelled_query(
    churn: ChurnSettings,
    sources: Sources,
    cutoff: date,
    label_days: int,
    campaigns: Path | None = None,
) -> str:
    """Return SQL for features as of `cutoff` and what happened in the `label_days` after it.

    Of all users, or of those who had paid by then (`never_paid`); without those whom the Parquet
    file `campaigns` says were contacted. `weight` is for how many users each one speaks.
    """
    features = features_query(sources, cutoff)
    payments = _table(PAYMENTS, sources, cutoff)
    if churn.never_paid == "leave_out":
        features = read_sql("churn/features/who_had_paid.sql").format(
            features=features, payments=payments, cutoff=_day(cutoff)
        )
    if campaigns:
        features = read_sql("churn/features/not_contacted.sql").format(
            features=features, campaigns=sources.rows_of(campaigns)
        )
    else:
        features = read_sql("churn/features/count_once.sql").format(features=features)
    return read_sql("churn/features/labelled.sql").format(
        features=features,
        payments=payments,
        cutoff=_day(cutoff),
        last_day=_day(cutoff + timedelta(days=label_days)),
        holdout_below=_hash_below(churn.holdout_share),
        validation_below=_hash_below(churn.validation_share),
    )


def snapshot_query(sources: Sources, cutoff: date) -> str:
    """Return SQL for features as of `cutoff`, ordered by user."""
    features = features_query(sources, cutoff)
    return read_sql("churn/features/snapshot.sql").format(features=features)


def _value(feature: Feature) -> str:
    if feature.source == "payments":
        return f"coalesce({feature.name}, {feature.default})"
    return feature.sql


def _table(file: SourceFile, sources: Sources, cutoff: date) -> str:
    rows = sources.rows_of(sources.folder / f"{file.name}.parquet")
    if file.name not in sources.left_out:
        return rows
    user, *others = file.columns
    nothing = ", ".join(
        f"CAST(NULL AS {_SQL_TYPES[column.type]}) AS {column.becomes}" for column in others
    )
    return read_sql("churn/features/without_columns.sql").format(
        columns=f"{user.becomes}, {nothing}",
        rows=rows,
        payments=sources.rows_of(sources.folder / f"{PAYMENTS.name}.parquet"),
        cutoff=_day(cutoff),
    )


def _day(day: date) -> str:
    return f"DATE '{day.isoformat()}'"


def _hash_below(share: float) -> str:
    return format(round(share * (16**_HASH_DIGITS - 1)), f"0{_HASH_DIGITS}x")
