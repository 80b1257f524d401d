"""Made-up deliveries as their reader sees them: frames, and simple features of their users."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import wasserstein_distance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

Frames = dict[str, pd.DataFrame]

BUYER = "CUS_CUST_ID_BUY"
COLUMNS = {
    "PAYMENTS": f"FECHA,CUS_CUST_ID_SEL,{BUYER},SPENT,TPV_SEGMENT_DETAIL,DESCUENTO",
    "ACTIVE_USER": f"{BUYER},MAU_MP_1,MAU_ML_1,MAU_ML_2,last_login_mp_date_1",
    "DEMOGRAFICOS": f"{BUYER},AGE,GENDER,CARD_TYPE,CITY",
    "DINERO_CUENTA": f"{BUYER},PLATA_CUENTA_1,PLATA_CUENTA_2,INVERSION",
    "MARKETPLACE_DATA": f"{BUYER},SPENT_ML,RECENCY_ML,FREQUENCY_ML",
}
CUTOFF = timedelta(days=30)
WINDOWS = (7, 14, 30, 60, 90, 120)


def read(folder: Path) -> Frames:
    """Read the five files, with days as days."""
    dates = ["FECHA", "last_login_mp_date_1", "RECENCY_ML"]
    frames = {
        name: pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=[""])
        for name in COLUMNS
    }
    for frame in frames.values():
        for column in set(dates) & set(frame):
            frame[column] = pd.to_datetime(frame[column])
    return frames


def features(frames: Frames, cutoff: date) -> tuple[pd.DataFrame, pd.Series]:
    """What is known of each user at the end of the cutoff, and who pays nothing from then on."""
    users = {name: frame.set_index(BUYER) for name, frame in frames.items()}
    active, money, market = (users[n] for n in ("ACTIVE_USER", "DINERO_CUENTA", "MARKETPLACE_DATA"))
    paid = frames["PAYMENTS"].assign(age=lambda rows: days_ago(rows["FECHA"], cutoff))
    past = paid[paid["age"].between(0, 119)]
    made = pd.DataFrame(index=active.index)
    for days in WINDOWS:
        by_user = past[past["age"] < days].groupby(BUYER)
        made[f"payments_{days}"], made[f"spent_{days}"] = by_user.size(), by_user["SPENT"].sum()
    made["days_since_payment"] = past.groupby(BUYER)["age"].min().reindex(made.index).fillna(120)
    discounts = past.groupby(BUYER)["DESCUENTO"]
    made["discounts"], made["avg_discount"] = discounts.count(), discounts.mean()
    made = made.join([active[["MAU_MP_1", "MAU_ML_1", "MAU_ML_2"]], money.iloc[:, :2]])
    made["days_since_login"] = days_ago(active["last_login_mp_date_1"], cutoff).fillna(30)
    made["has_investment"] = money["INVERSION"].isin(["Investing", "Eligible", "Elegible"])
    made = made.join(market[["SPENT_ML", "FREQUENCY_ML"]])
    made["recency_ml_days"] = days_ago(market["RECENCY_ML"], cutoff).fillna(180)
    made["age"] = users["DEMOGRAFICOS"]["AGE"].fillna(38)
    made["is_female"] = users["DEMOGRAFICOS"]["GENDER"] == "F"
    stays = made.index.isin(paid.loc[paid["age"] < 0, BUYER])
    return made.fillna(0).astype(float), pd.Series(~stays, index=made.index)


def days_ago(days: pd.Series, cutoff: date) -> pd.Series:
    """Count back from the cutoff."""
    return (pd.Timestamp(cutoff) - days).dt.days


def auc_on_held_out_users(
    made: pd.DataFrame, churned: pd.Series, later: tuple[pd.DataFrame, pd.Series] | None = None
) -> float:
    """Fit on some users; measure on the others, as they are at the same time or `later`."""
    seen, happened = later or (made, churned)
    train = np.random.default_rng(0).random(len(made)) < 0.7
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(np.log1p(made[train]), churned[train])
    probability = model.predict_proba(np.log1p(seen[~train]))[:, 1]
    return float(roc_auc_score(happened[~train], probability))


def shifted(before: pd.DataFrame, after: pd.DataFrame) -> set[str]:
    """Columns whose Wasserstein distance is 0.1 standard deviations or more."""
    return {
        name
        for name in before
        if wasserstein_distance(before[name], after[name]) >= 0.1 * before[name].std()
    }
