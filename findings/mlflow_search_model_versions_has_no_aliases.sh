#!/usr/bin/env bash
# MLflow 3.17.2, seen on 2026-11-29 with Python 3.11.
#
# A model version has a field `aliases`. One would guess that whoever lists versions sees in it which of
# them an alias names, and so must stay. search_model_versions leaves the field empty, for every
# version; get_model_version of the same version fills it. A cleaning that asks the list which
# versions nobody names deletes the one that `models:/NAME@ALIAS` is served from, without a word.
# Ask get_model_version of each, or the aliases of the registered model.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mlflow==3.17.2

cat > "$folder/aliases.py" << 'PYTHON'
import sys

from mlflow.tracking import MlflowClient

client = MlflowClient(f"sqlite:///{sys.argv[1]}/mlflow.db")
client.create_registered_model("churn")
client.create_model_version("churn", "file:///somewhere", run_id=None)
client.set_registered_model_alias("churn", "champion", "1")
(listed,) = client.search_model_versions("name = 'churn'")
print("listed:", list(listed.aliases))
print("asked for:", list(client.get_model_version("churn", "1").aliases))
print("of the model:", client.get_registered_model("churn").aliases)
PYTHON

seen=$("$folder/venv/bin/python" "$folder/aliases.py" "$folder" 2> /dev/null)
echo "$seen"
[ "$seen" = "listed: []
asked for: ['champion']
of the model: {'champion': 1}" ]
