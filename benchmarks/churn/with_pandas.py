"""The same features with pandas: whole-column operations, one groupby, Arrow's readers."""

from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from benchmarks.churn.place import CUTOFF, LOOKBACK_DAYS, Place, about_users
from flows.churn.sources.clean_raw_sources import clean_folder
from flows.churn.sources.contract import PAYMENTS, SourceFile

_TYPES = {
    "whole number": pa.int64(),
    "amount": pa.float64(),
    "date": pa.date32(),
    "text": pa.string(),
}
_MONTH = 30
# Any: the stubs of NumPy and pandas disagree about dividing by a timedelta.
_DAY: Any = np.timedelta64(1, "D")


def from_csv(place: Place) -> None:
    """Read the CSV files and write features and labels as Parquet."""
    payments = _csv(place.delivery, PAYMENTS)
    about = {file.name: _csv(place.delivery, file) for file in about_users()}
    _write(payments, about, place.table("pandas from CSV"))


def from_parquet(place: Place) -> None:
    """Read our checked files and write features and labels as Parquet."""
    folder = clean_folder(place.settings(), place.run())
    payments = _parquet(folder, PAYMENTS)
    about = {file.name: _parquet(folder, file) for file in about_users()}
    _write(payments, about, place.table("pandas"))


def _csv(folder: Path, file: SourceFile) -> pd.DataFrame:
    # Like pd.read_csv(engine="pyarrow"), which accepts no types for date columns with empty cells.
    types = {column.name: _TYPES[column.type] for column in file.columns}
    options = csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=True)
    frame = csv.read_csv(folder / file.file_name, convert_options=options).to_pandas(
        date_as_object=False
    )
    frame = frame.rename(columns={column.name: column.becomes for column in file.columns})
    return cast("pd.DataFrame", frame)


def _parquet(folder: Path, file: SourceFile) -> pd.DataFrame:
    table = pq.read_table(folder / f"{file.name}.parquet")
    # Decimals and dates would become Python objects.
    table = table.cast(pa.schema([_quick(field) for field in table.schema]))
    return cast("pd.DataFrame", table.to_pandas(date_as_object=False))


def _quick(field: pa.Field) -> pa.Field:
    return field.with_type(pa.float64()) if pa.types.is_decimal(field.type) else field


def _write(payments: pd.DataFrame, about: dict[str, pd.DataFrame], path: Path) -> None:
    ids = pd.concat([frame["user_id"] for frame in about.values()]).unique()
    users = pd.DataFrame(index=pd.Index(np.sort(ids), name="user_id"))
    users = users.join(_of_payments(payments), how="left")
    users["payment_recency_days"] = users["payment_recency_days"].fillna(LOOKBACK_DAYS)
    users = users.fillna(0).join(_gaps(payments), how="left")
    for frame in about.values():
        users = users.join(frame.set_index("user_id"), how="left")
    _about_users(users)
    later = payments.loc[payments["paid_on"] > pd.Timestamp(CUTOFF), "user_id"]
    users["churned"] = (~users.index.isin(later.unique())).astype("int32")
    others = [column.becomes for file in about_users() for column in file.columns]
    given = {"user_id", "mau_mp_1", "mau_ml_1", "mau_ml_2", "spent_ml", "frequency_ml", "age"}
    users.drop(columns=[name for name in others if name not in given]).to_parquet(path)


def _of_payments(payments: pd.DataFrame) -> pd.DataFrame:
    known, days_ago = _known(payments)
    discount = known["discount"].fillna(0)
    rows = pd.DataFrame(
        {
            "user_id": known["user_id"],
            **{f"payments_last_{days}d": days_ago < days for days in (7, 30, 60, 90)},
            "payments_30d_before": (days_ago >= _MONTH) & (days_ago < 2 * _MONTH),
            "payments_sum": known["spent"],
            "payments_sum_last_30d": known["spent"].where(days_ago < _MONTH, 0),
            "avg_discount": discount,
            "discounted_share": discount > 0,
            "instore_payments": known["segment"] == "Instore",
            "utilities_payments": known["segment"] == "Utilities",
            "days_ago": days_ago,
        }
    )
    by_user = rows.groupby("user_id", sort=False)
    means = {"avg_discount", "discounted_share"}
    apart = {"user_id", "days_ago"}
    sums = [name for name in rows.columns if name not in means | apart]
    return (
        by_user[sums]
        .sum()
        .join(
            [
                by_user[sorted(means)].mean(),
                by_user["days_ago"].agg(payment_recency_days="min", first_payment_days="max"),
                _distinct(rows, "days_ago").rename("payment_days"),
            ]
        )
    )


def _known(payments: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    ago = ((np.datetime64(CUTOFF) - payments["paid_on"].to_numpy()) // _DAY).astype("int32")
    known = (ago >= 0) & (ago < LOOKBACK_DAYS)
    return payments[known], ago[known]


def _gaps(payments: pd.DataFrame) -> pd.DataFrame:
    known, days_ago = _known(payments)
    days = pd.DataFrame({"user_id": known["user_id"], "days_ago": days_ago}).drop_duplicates()
    days = days.sort_values(["user_id", "days_ago"])
    by_user = days.groupby("user_id", sort=False)["days_ago"]
    apart = days.assign(gap=by_user.diff()).dropna().groupby("user_id", sort=False)["gap"]
    gaps = pd.DataFrame({"mean_gap_days": apart.mean(), "last_gap_days": apart.first()})
    gaps["days_late"] = by_user.min().reindex(gaps.index) - gaps["mean_gap_days"]
    return gaps


def _distinct(rows: pd.DataFrame, column: str) -> pd.Series:
    # Several times faster than groupby().nunique().
    pairs = rows[["user_id", column]].drop_duplicates()
    return pairs.groupby("user_id", sort=False)[column].count()


def _about_users(users: pd.DataFrame) -> None:
    cutoff = np.datetime64(CUTOFF)
    users["login_recency_days"] = (cutoff - users["last_login_on"]) / _DAY
    users["recency_ml_days"] = (cutoff - users["last_purchase_on"]) / _DAY
    users["saldo_mes_actual"] = users["balance_last_month"]
    users["saldo_mes_previo"] = users["balance_month_before"]
    invests = users["investment"].isin(["Investing", "Eligible", "Elegible"])
    users["has_investment"] = invests.astype(float).where(users["investment"].notna())
    users["gender_is_female"] = users["gender"].map({"F": 1.0, "M": 0.0})
    has_card = (users["card_type"] != "None").astype(float)
    users["has_card"] = has_card.where(users["card_type"].notna())
