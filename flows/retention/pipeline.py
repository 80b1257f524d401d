"""The daily removal of what is old, declared once for Prefect, Airflow and the command line."""

from datetime import date

from flows.platform.pipeline.declaration import Dataset, Parameter, Pipeline, Step

_ROOM = "flows.retention"

# What it removes becomes of nothing: the lineage has what it tells of that.
PRUNINGS = Dataset("table", "dqm.prunings")

PIPELINE = Pipeline(
    name="retention",
    plan=f"{_ROOM}.run:plan_prune",
    steps=(
        Step(
            f"{_ROOM}.prune_warehouse:prune_warehouse",
            "Remove old rows in batches, old scores by month",
            outputs=(PRUNINGS,),
        ),
        Step(
            f"{_ROOM}.prune_files:prune_files",
            "Remove old results, logs, validations, snapshots and reports",
            outputs=(PRUNINGS,),
        ),
        Step(
            f"{_ROOM}.programs.prune_mlflow:prune_mlflow",
            "Remove old versions that were never Production, and runs without a version, for good",
            outputs=(PRUNINGS,),
        ),
        Step(
            f"{_ROOM}.programs.prune_prefect:prune_prefect",
            "Remove old flow runs with their artifacts, and old logs",
            outputs=(PRUNINGS,),
        ),
        Step(
            f"{_ROOM}.tell_what_was_pruned:tell_what_was_pruned",
            "Tell what was removed, by place",
            inputs=(PRUNINGS,),
            report=f"{_ROOM}.tell_what_was_pruned:report_pruning",
        ),
    ),
    parameters=(
        Parameter(
            "as_of",
            date,
            "The day that ages are counted to; empty means today.",
            when_left_out="today",
        ),
        Parameter(
            "mode",
            str,
            "`dry-run` tells what would be removed, `prune` removes it; empty: the setting.",
            choices=("dry-run", "prune"),
        ),
    ),
)
