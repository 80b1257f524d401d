#!/usr/bin/env bash
# MLflow 3.17.2, seen on 2026-11-29 with Python 3.11.
#
# `mlflow gc` deletes for good what was deleted before, and `--run-ids` says which runs. One would
# guess that it then touches nothing else. But without `--experiment-ids` the same command also
# removes every deleted experiment of the store, with all runs in it, though none was named: what
# somebody deleted by mistake, and meant to restore, is gone. Name both, or gc from a list of your
# own of what may go.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mlflow==3.17.2 'setuptools<81'
cd "$folder"
export MLFLOW_TRACKING_URI="sqlite:///$folder/mlflow.db" PATH="$folder/venv/bin:$PATH"

cat > prepare.py << 'PYTHON'
import mlflow

client = mlflow.MlflowClient()
other = client.create_experiment("deleted by mistake")
client.create_run(other)
client.delete_experiment(other)
run = client.create_run(client.create_experiment("in use")).info.run_id
client.delete_run(run)
print(run)
PYTHON
cat > look.py << 'PYTHON'
from mlflow import MlflowClient
from mlflow.entities import ViewType

print(sorted(each.name for each in MlflowClient().search_experiments(ViewType.DELETED_ONLY)))
PYTHON
run=$(python prepare.py 2> /dev/null)
before=$(python look.py 2> /dev/null)
mlflow gc --backend-store-uri "$MLFLOW_TRACKING_URI" --run-ids "$run" > "$folder/said" 2>&1
seen="deleted experiments, before: $before
deleted experiments, after mlflow gc --run-ids of a run elsewhere: $(python look.py 2> /dev/null)"
echo "$seen"
[ "$seen" = "deleted experiments, before: ['deleted by mistake']
deleted experiments, after mlflow gc --run-ids of a run elsewhere: []" ]
