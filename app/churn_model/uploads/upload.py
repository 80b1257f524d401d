"""Score a file: one result row for each of its rows."""

import csv
import io
import re

import pandas as pd

from app.churn_model.scorer import Scorer
from flows.churn.features.definitions import used_features
from flows.churn.features.users_file import USER, UsersFile, read_users
from flows.churn.model.training_users import TrainingUsers
from flows.errors import BadInput
from flows.platform.compute.spill import scratch_folder
from flows.settings import Settings
from flows.settings.churn import ChurnSettings

# Some file systems limit names to 255 bytes, and a letter may take four.
_NAME_LENGTH = 50


def check_rows(name: str, content: bytes, most: int) -> None:
    """Raise BadInput when the file has more rows than are scored; its cells are not looked at."""
    lines = max(content.count(b"\n"), content.count(b"\r"))
    if lines <= most:
        return
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", errors="replace", newline="")
    try:
        rows = sum(1 for row in csv.reader(text) if row) - 1
    except csv.Error:  # the checks that follow say what is wrong; the limit holds all the same
        rows = lines
    if rows > most:
        raise BadInput(
            f"{name} has {rows:,} rows; the app scores at most {most:,} (KPI_UPLOAD_ROWS) at a "
            "time. Split the file, and upload its parts one after the other."
        )


def read_upload(settings: Settings, name: str, content: bytes) -> UsersFile:
    """Return what an uploaded CSV file holds; raise BadInput with the pipeline's message."""
    # Whatever the browser calls the file, it stays in this folder.
    stem = re.sub(r"[^\w .()-]", "_", re.sub(r"\.csv$", "", name, flags=re.IGNORECASE))
    with scratch_folder(settings) as folder:
        path = folder / f"{stem[:_NAME_LENGTH] or 'users'}.csv"
        path.write_bytes(content)
        return read_users(settings, path)


def score(users: pd.DataFrame, scorer: Scorer, scored_by: str) -> pd.DataFrame:
    """Return a row for each user, in their order: probability, verdict, strongest driver."""
    probability = scorer.probabilities(users)
    strongest = scorer.contributions(users).abs().idxmax(axis=1)
    return pd.DataFrame(
        {
            USER: users[USER],
            "churn_probability": probability.round(6),
            "counts_as_churning": (probability >= scorer.threshold).astype(int),
            "strongest_driver": strongest,
            "scored_by": scored_by,
        }
    )


def template(churn: ChurnSettings, users: TrainingUsers | None = None) -> str:
    """Return a CSV file to start from: the header, a user, and one with every value unknown.

    The first is a typical user of a model's training; unknown as well where there is none.
    """
    names = used_features(churn)
    usual = users.features if users else {}
    typical = [usual[name].typical if name in usual else None for name in names]
    known = ",".join("" if value is None else f"{value:.15g}" for value in typical)
    header = ",".join([USER, *names])
    return f"{header}\n1,{known}\n2{',' * len(names)}\n"
