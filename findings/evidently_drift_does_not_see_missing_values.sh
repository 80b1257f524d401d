#!/usr/bin/env bash
# Evidently 0.7.23, seen on 2026-11-28 with Python 3.11.
#
# DataDriftPreset compares each column of this week with a reference. One would guess that a column
# which lost nine of ten values since then counts as drifted. Missing values are left out before
# the distance is computed, so the values that are left look as before, and the column is quiet.
# A source that stopped delivering is seen only by comparing the shares of missing values oneself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check evidently==0.7.23 'pandas<3'

cat > "$folder/drift.py" << 'PYTHON'
import warnings

warnings.simplefilter("ignore")
import numpy
import pandas
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

chance = numpy.random.default_rng(7)
reference = pandas.DataFrame({"visits": chance.normal(30, 8, 5000)})
columns = DataDefinition(numerical_columns=["visits"])


def drifts(current):
    preset = DataDriftPreset(num_method="wasserstein", num_threshold=0.1)
    found = Report([preset]).run(
        Dataset.from_pandas(current, columns), Dataset.from_pandas(reference, columns)
    )
    [column] = [m for m in found.dict()["metrics"] if "column" in m["config"]]
    return "drifted" if column["value"] >= 0.1 else "quiet"


same = pandas.DataFrame({"visits": chance.normal(30, 8, 5000)})
emptied = same.mask(chance.random(same.shape) < 0.9)
print("as before:", drifts(same))
print("moved by half a deviation:", drifts(same + 4))
print(f"{emptied['visits'].isna().mean():.0%} missing:", drifts(emptied))
PYTHON

seen=$("$folder/venv/bin/python" "$folder/drift.py" 2> /dev/null)
echo "$seen"
[ "$seen" = "as before: quiet
moved by half a deviation: drifted
90% missing: quiet" ]
