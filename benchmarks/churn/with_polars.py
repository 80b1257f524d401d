"""The same features with Polars: one lazy query from the files to Parquet."""

from collections.abc import Callable

import polars as pl

from benchmarks.churn.place import CUTOFF, LOOKBACK_DAYS, Place, about_users
from flows.churn.sources.clean_raw_sources import clean_folder
from flows.churn.sources.contract import PAYMENTS, SourceFile

_TYPES = {"whole number": pl.Int64, "amount": pl.Float64, "date": pl.Date, "text": pl.String}
_MONTH = 30
_UNKNOWN_WITHOUT_PAYMENTS = {"mean_gap_days", "last_gap_days", "days_late"}


def from_csv(place: Place) -> None:
    """Read the CSV files and write features and labels as Parquet."""

    def scan(file: SourceFile) -> pl.LazyFrame:
        schema = {column.name: _TYPES[column.type] for column in file.columns}
        names = {column.name: column.becomes for column in file.columns}
        return pl.scan_csv(place.delivery / file.file_name, schema=schema).rename(names)

    _query(scan).sink_parquet(place.table("Polars from CSV"))


def from_parquet(place: Place) -> None:
    """Read our checked files and write features and labels as Parquet."""
    folder = clean_folder(place.settings(), place.run())

    def scan(file: SourceFile) -> pl.LazyFrame:
        amounts = [column.becomes for column in file.columns if column.type == "amount"]
        rows = pl.scan_parquet(folder / f"{file.name}.parquet")
        return rows.with_columns(pl.col(amounts).cast(pl.Float64))

    _query(scan).sink_parquet(place.table("Polars"))


def _query(scan: Callable[[SourceFile], pl.LazyFrame]) -> pl.LazyFrame:
    payments = scan(PAYMENTS)
    about = [scan(file) for file in about_users()]
    of_payments = _of_payments(payments)
    paid = payments.filter(pl.col("paid_on") > CUTOFF).select("user_id", stays=True).unique()
    users = pl.concat([file.select("user_id") for file in about]).unique()
    users = users.join(of_payments, on="user_id", how="left").join(paid, on="user_id", how="left")
    for file in about:
        users = users.join(file, on="user_id", how="left")
    names = [name for name in of_payments.collect_schema().names() if name != "user_id"]
    counted = [name for name in names if name not in _UNKNOWN_WITHOUT_PAYMENTS]
    recency = pl.col("payment_recency_days").fill_null(LOOKBACK_DAYS)
    return (
        users.with_columns(recency)
        .with_columns(pl.col(counted).fill_null(0))
        .select(
            "user_id", *names, *_about_users(), churned=pl.col("stays").is_null().cast(pl.Int32)
        )
        .sort("user_id")
    )


def _of_payments(payments: pl.LazyFrame) -> pl.LazyFrame:
    ago = (pl.lit(CUTOFF) - pl.col("paid_on")).dt.total_days().cast(pl.Int32)
    days_ago, spent = pl.col("days_ago"), pl.col("spent")
    days = days_ago.unique().sort()
    gaps = days.len() - 1
    mean_gap = pl.when(gaps > 0).then((days_ago.max() - days_ago.min()) / gaps)
    discount, segment = pl.col("discount").fill_null(0), pl.col("segment")
    return (
        payments.with_columns(days_ago=ago)
        .filter(days_ago >= 0, days_ago < LOOKBACK_DAYS)
        .group_by("user_id")
        .agg(
            *((days_ago < days).sum().alias(f"payments_last_{days}d") for days in (7, 30, 60, 90)),
            payments_30d_before=days_ago.is_between(_MONTH, 2 * _MONTH - 1).sum(),
            payment_days=days_ago.n_unique(),
            payment_recency_days=days_ago.min(),
            first_payment_days=days_ago.max(),
            mean_gap_days=mean_gap,
            last_gap_days=days.get(1, null_on_oob=True) - days_ago.min(),
            days_late=days_ago.min() - mean_gap,
            payments_sum=spent.sum(),
            payments_sum_last_30d=spent.filter(days_ago < _MONTH).sum(),
            avg_discount=discount.mean(),
            discounted_share=(discount > 0).mean(),
            instore_payments=(segment == "Instore").sum(),
            utilities_payments=(segment == "Utilities").sum(),
        )
    )


def _about_users() -> list[pl.Expr]:
    investment, card = pl.col("investment"), pl.col("card_type")
    invests = investment.is_in(["Investing", "Eligible", "Elegible"])
    return [
        *map(pl.col, ("mau_mp_1", "mau_ml_1", "mau_ml_2", "spent_ml", "frequency_ml", "age")),
        (pl.lit(CUTOFF) - pl.col("last_login_on")).dt.total_days().alias("login_recency_days"),
        (pl.lit(CUTOFF) - pl.col("last_purchase_on")).dt.total_days().alias("recency_ml_days"),
        pl.col("balance_last_month").alias("saldo_mes_actual"),
        pl.col("balance_month_before").alias("saldo_mes_previo"),
        invests.cast(pl.Int8).alias("has_investment"),
        (pl.col("gender") == "F").cast(pl.Int8).alias("gender_is_female"),
        (card != "None").cast(pl.Int8).alias("has_card"),
    ]
