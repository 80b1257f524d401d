#!/usr/bin/env bash
# MLflow 3.17.2 (mlflow-skinny with pandas 2.3.3), seen on 2026-11-28 with Python 3.11.
#
# A pyfunc model's signature says "double" for each column. One would guess that a table of whole
# numbers, which is what pandas.read_csv makes of counts, is as welcome as one of decimals, and
# that text is refused. It is the other way round: int64 is refused ("can not safely convert"),
# because not every int64 is a double, and text is converted without a word. A CSV file scores when
# it is read with dtype=str, and does not when pandas reads it as usual; int32 passes as well.
# A column of mlflow.types.schema.AnyType takes all of them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  mlflow-skinny==3.17.2 pandas==2.3.3 numpy==2.2.6

cat > "$folder/visits.csv" << 'CSV'
visits
3
12
CSV
cat > "$folder/score.py" << 'PYTHON'
import sys

import mlflow
import pandas as pd
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema
from mlflow.types.schema import AnyType


class Half(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return (model_input["visits"].astype(float) / 2).tolist()


def loaded(kind):
    signature = ModelSignature(Schema([ColSpec(kind, "visits")]), Schema([ColSpec("double")]))
    path = f"{sys.argv[1]}/{kind}"
    mlflow.pyfunc.save_model(path, python_model=Half(), signature=signature, pip_requirements=[])
    return mlflow.pyfunc.load_model(path)


def answer(model, **read):
    try:
        return model.predict(pd.read_csv(f"{sys.argv[1]}/visits.csv", **read))
    except mlflow.exceptions.MlflowException:
        return "refused"


double, anything = loaded("double"), loaded(AnyType())
print("double, as pandas reads it:", answer(double))
print("double, read as text:", answer(double, dtype=str))
print("double, read as int32:", answer(double, dtype="int32"))
print("any type, as pandas reads it:", answer(anything))
PYTHON
seen=$(PYTHONWARNINGS=ignore "$folder/venv/bin/python" "$folder/score.py" "$folder" 2> /dev/null)
echo "$seen"
[ "$seen" = "double, as pandas reads it: refused
double, read as text: [1.5, 6.0]
double, read as int32: [1.5, 6.0]
any type, as pandas reads it: [1.5, 6.0]" ]
