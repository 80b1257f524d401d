"""Labelled features as a table in memory, for measuring and plotting."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.folders import require_columns

_COLUMNS = ["user_id", *FEATURE_NAMES, "weight", "churned", "in_holdout", "in_validation"]


def read_users(folder: Path, *, holdout: bool) -> pd.DataFrame:
    """Return the users of the holdout, or the others.

    With user_id, features, weight, churned and in_validation. Each feature takes 8 bytes of memory
    per user. Raises BadInput where the features are of before an upgrade, and lack a column.
    """
    from pyarrow import dataset

    require_columns(folder, _COLUMNS, "labelled features", "feature_engineering")
    part = dataset.field("in_holdout") if holdout else ~dataset.field("in_holdout")
    table = dataset.dataset(folder, format="parquet").to_table(columns=_COLUMNS, filter=part)
    users: pd.DataFrame = table.to_pandas()
    return users.drop(columns="in_holdout")


def read_few_users(folders: Sequence[Path], most_rows: int) -> pd.DataFrame | None:
    """Return the users of these folders who are not held out; None where the rows are too many.

    A user is as many rows as describe them.
    """
    from pyarrow import dataset

    rows = sum(dataset.dataset(folder, format="parquet").count_rows() for folder in folders)
    if rows > most_rows:
        return None
    return pd.concat([read_users(folder, holdout=False) for folder in folders], ignore_index=True)


def weights(users: pd.DataFrame) -> npt.NDArray[np.float64] | None:
    """Return for how many users each one speaks, shape (users,); None where all count once."""
    weight: npt.NDArray[np.float64] = users["weight"].to_numpy(dtype=np.float64)
    return None if (weight == 1).all() else weight
