#!/usr/bin/env bash
# Evidently 0.7.23, seen on 2026-11-30 with Python 3.11.
#
# DataDriftPreset makes a metric of each column, with a picture of its two distributions, and a
# table of all columns. One would guess that the page shows these pictures, so that a page costs
# what they cost. The page is the same to the last byte, but for random ids, when the preset makes
# the first metric alone, the number of drifted columns: the table draws its own. For a report of
# which only the page is kept, the metrics of the columns are a third of the work and more.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check evidently==0.7.23 'pandas<3'

cat > "$folder/page.py" << 'PYTHON'
import re
import warnings

warnings.simplefilter("ignore")
import numpy
import pandas
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

chance = numpy.random.default_rng(7)
names = ["age", "visits", "spent"]
reference, current = (
    pandas.DataFrame({name: chance.normal(30 + moved, 8, 5000) for name in names})
    for moved in (0, 3)
)
columns = DataDefinition(numerical_columns=names)


class CountAlone(DataDriftPreset):
    def generate_metrics(self, context):
        return super().generate_metrics(context)[:1]


def result(preset):
    return Report([preset]).run(
        Dataset.from_pandas(current, columns), Dataset.from_pandas(reference, columns)
    )


def page(found):
    ids = {}
    return re.sub(
        r"[0-9a-f]{8}(-?[0-9a-f]{4}){4}[0-9a-f]{8}",
        lambda one: ids.setdefault(one[0], f"id{len(ids)}"),
        found.get_html_str(as_iframe=False),
    )


whole, short = result(DataDriftPreset()), result(CountAlone())
print("metrics:", len(whole.dict()["metrics"]), "and", len(short.dict()["metrics"]))
print("the same page:", page(whole) == page(short))
print("names of columns on it:", all(name in page(short) for name in names))
PYTHON

seen=$("$folder/venv/bin/python" "$folder/page.py" 2> /dev/null)
echo "$seen"
[ "$seen" = "metrics: 4 and 1
the same page: True
names of columns on it: True" ]
