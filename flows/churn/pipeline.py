"""The churn pipelines, declared once for Prefect, Airflow and the command line."""

from flows.platform.pipeline.declaration import AS_OF, Option, Pipeline, Step

LASTING_DRIFT = "churn.drift.lasting"
SOURCES_CHANGED = "churn.sources.changed"


TRAINING = Pipeline(
    name="churn_training",
    steps=(
        Step("clean_raw_sources", "Check the five CSV files against their contract"),
        Step("feature_engineering", "Build features as of the cutoff, and what happened after it"),
        Step("train_spark_model", "Fit the model with Spark, log it in MLflow"),
        Step("evaluate_candidate", "Register it, compare it with Production on the same holdout"),
        Step("decide_promotion", "List every reason for and against", answer="promote"),
        Step("promote_model", "Make it Production, archive the former", only_if=True),
        Step("skip_promotion", "Log why it stays a candidate", only_if=False),
        Step("notify_success", "Write the summary, tell what happened"),
    ),
    options=(
        Option(
            "as_of",
            "Last day of the label window; empty means the last day that PAYMENTS holds.",
            AS_OF,
        ),
        Option(
            "source",
            "Folder of the five CSV files; empty means the setting.",
            {"type": ["null", "string"]},
        ),
    ),
    started_by=(SOURCES_CHANGED, LASTING_DRIFT),
)

SCORING = Pipeline(
    name="churn_scoring",
    steps=(
        Step("build_current_snapshot", "Build features as of the latest day"),
        Step("score_users", "Score every user with Production into prod.BT_CHURN_SCORES"),
    ),
)

DRIFT_MONITOR = Pipeline(
    name="churn_drift_monitor",
    steps=(
        Step("build_current_snapshot", "Build features as of the latest day"),
        Step("run_drift_report", "Evidently: the snapshot against the weeks before it"),
        Step(
            "log_drift_result",
            "Keep the numbers, ask for a training when drift lasts",
            answer="lasting",
            event=LASTING_DRIFT,
        ),
    ),
    options=(
        Option(
            "as_of", "Day of the snapshot; empty means the last day that PAYMENTS holds.", AS_OF
        ),
        Option(
            "simulate_drift",
            "A demonstration: move numbers by so many standard deviations. Such a run is labelled "
            "and counts towards nothing.",
            {"type": "number", "minimum": 0, "maximum": 10},
            default=0,
        ),
    ),
)

WATCHDOG = Pipeline(
    name="churn_watchdog",
    steps=(
        Step("detect_source_changes", "Compare the five files with those of the last event"),
        Step(
            "emit_source_update",
            "Say that they changed, which starts a training",
            answer="due",
            event=SOURCES_CHANGED,
        ),
    ),
)
