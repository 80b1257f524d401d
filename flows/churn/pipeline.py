"""The churn pipelines, declared once for Prefect, Airflow and the command line."""

from datetime import date
from pathlib import Path

from flows.platform.pipeline.declaration import Dataset, Parameter, Pipeline, Step

LASTING_DRIFT = "churn.drift.lasting"
MODEL_WORSE = "churn.model.worse"
SOURCES_CHANGED = "churn.sources.changed"

_ROOMS = "flows.churn"
_FACTS = f"{_ROOMS}.lineage.facts"
_FILES = ("PAYMENTS", "ACTIVE_USER", "DEMOGRAFICOS", "DINERO_CUENTA", "MARKETPLACE_DATA")

DELIVERED = {name: Dataset("delivery", f"{name}.csv") for name in _FILES}
CLEAN = {name: Dataset("file", f"churn/clean/{name}.parquet") for name in _FILES}
FEATURES = Dataset("file", "churn/features")
EARLIER_FEATURES = Dataset("file", "churn/earlier_features")
SNAPSHOT = Dataset("file", "churn/snapshot")
DRIFT_HISTORY = Dataset("file", "churn/drift_history")
MODEL = Dataset("model", "churn-model")
SCORES = Dataset("table", "prod.bt_churn_scores")
CAMPAIGNS = Dataset("table", "prod.bt_churn_campaigns")
SCORED_GROUPS = Dataset("table", "prod.bt_churn_scored_groups")
PROMOTIONS = Dataset("table", "dqm.bt_churn_promotions")
DRIFT_RUNS = Dataset("table", "dqm.bt_churn_drift_runs")
DRIFT = Dataset("table", "dqm.bt_churn_drift")
OUTCOMES = Dataset("table", "dqm.bt_churn_outcomes")
CAMPAIGN_OUTCOMES = Dataset("table", "dqm.bt_churn_campaign_outcomes")
SOURCES = Dataset("table", "dqm.bt_churn_sources")
DRIFT_REPORTS = Dataset("artifact", "mlflow-artifacts/drift-reports")

_LAST_DAY_DELIVERED = f"{_ROOMS}.planning:last_day_delivered"
_BUILD_SNAPSHOT = Step(
    f"{_ROOMS}.features.snapshots.build_current_snapshot:build_current_snapshot",
    "Build features as of the latest day",
    inputs=tuple(DELIVERED.values()),
    outputs=(SNAPSHOT,),
    facts=f"{_FACTS}:snapshot_built",
)


def _source(*, for_airflow: bool = True) -> Parameter:
    return Parameter(
        "source",
        Path,
        "Folder of the five CSV files; empty means the setting.",
        for_airflow=for_airflow,
    )


def _retrain(when: str) -> Parameter:
    return Parameter(
        "retrain",
        bool,
        f"{when}, train in this process; for use without a Prefect server, whose deployment of "
        "churn-training the event starts.",
        default=False,
        planned=False,
        # In Airflow the event starts the training's DAG, on the files that the settings name.
        for_airflow=False,
    )


TRAINING = Pipeline(
    name="churn_training",
    plan=f"{_ROOMS}.planning:plan_training",
    last_day=_LAST_DAY_DELIVERED,
    steps=(
        Step(
            f"{_ROOMS}.sources.clean_raw_sources:clean_raw_sources",
            "Check the five CSV files against their contract",
            report=f"{_ROOMS}.sources.clean_raw_sources:report_sources",
            inputs=tuple(DELIVERED.values()),
            outputs=tuple(CLEAN.values()),
            facts=f"{_FACTS}:cleaned",
        ),
        Step(
            f"{_ROOMS}.features.feature_engineering:feature_engineering",
            "Build features as of the cutoff, and what happened after it",
            inputs=(*CLEAN.values(), CAMPAIGNS),
            outputs=(FEATURES, EARLIER_FEATURES, DRIFT_HISTORY),
            facts=f"{_FACTS}:described",
        ),
        Step(
            f"{_ROOMS}.model.train_spark_model:train_spark_model",
            "Fit the model with Spark, log it in MLflow",
            report=f"{_ROOMS}.model.train_spark_model:report_training",
            inputs=(FEATURES, EARLIER_FEATURES),
            outputs=(MODEL,),
            facts=f"{_FACTS}:trained",
        ),
        Step(
            f"{_ROOMS}.promotion.evaluate_candidate:evaluate_candidate",
            "Register it, compare it with Production on the same holdout",
            inputs=(FEATURES, MODEL),
            outputs=(MODEL,),
            facts=f"{_FACTS}:evaluated",
        ),
        Step(
            f"{_ROOMS}.promotion.decide_promotion:decide_promotion",
            "List every reason for and against",
            report=f"{_ROOMS}.promotion.decide_promotion:report_decision",
            inputs=(MODEL,),
            result_flag="promote",
        ),
        Step(
            f"{_ROOMS}.promotion.promote_model:promote_model",
            "Make it Production, archive the former",
            inputs=(MODEL,),
            outputs=(MODEL, PROMOTIONS),
            facts=f"{_FACTS}:promoted",
            only_if=True,
        ),
        Step(
            f"{_ROOMS}.promotion.promote_model:skip_promotion",
            "Log why it stays a candidate",
            inputs=(MODEL,),
            outputs=(PROMOTIONS,),
            facts=f"{_FACTS}:promoted",
            only_if=False,
        ),
        Step(
            f"{_ROOMS}.promotion.notify_success:notify_success",
            "Write the summary, tell what happened",
            report=f"{_ROOMS}.promotion.notify_success:report_links",
        ),
    ),
    parameters=(
        Parameter(
            "as_of",
            date,
            "Last day of the label window; empty means the last day that PAYMENTS holds.",
            when_left_out="the last payment",
        ),
        _source(),
    ),
    started_by=(SOURCES_CHANGED, LASTING_DRIFT, MODEL_WORSE),
)

SCORING = Pipeline(
    name="churn_scoring",
    plan=f"{_ROOMS}.planning:plan_snapshot",
    last_day=_LAST_DAY_DELIVERED,
    steps=(
        Step(
            f"{_ROOMS}.model.find_production:find_production",
            "Find the Production model, before anybody is described",
            inputs=(MODEL,),
            facts=f"{_FACTS}:production_found",
        ),
        _BUILD_SNAPSHOT,
        Step(
            f"{_ROOMS}.model.score_users:score_users",
            "Score every user with Production into prod.BT_CHURN_SCORES",
            report=f"{_ROOMS}.model.score_users:report_scores",
            inputs=(SNAPSHOT, MODEL),
            outputs=(SCORES, SCORED_GROUPS),
            facts=f"{_FACTS}:scored",
        ),
    ),
    parameters=(
        Parameter(
            "as_of",
            date,
            "The day that scores look ahead from; empty means the last day that PAYMENTS holds.",
            when_left_out="the last payment",
        ),
        _source(),
    ),
)

DRIFT_MONITOR = Pipeline(
    name="churn_drift_monitor",
    plan=f"{_ROOMS}.planning:plan_drift",
    last_day=_LAST_DAY_DELIVERED,
    steps=(
        _BUILD_SNAPSHOT,
        Step(
            f"{_ROOMS}.drift.run_drift_report:run_drift_report",
            "Evidently: the snapshot against the weeks before it",
            report=f"{_ROOMS}.drift.run_drift_report:report_drift",
            inputs=(SNAPSHOT, DRIFT_HISTORY),
            outputs=(DRIFT_REPORTS,),
            facts=f"{_FACTS}:compared",
        ),
        Step(
            f"{_ROOMS}.drift.log_drift_result:log_drift_result",
            "Keep the numbers, ask for a training when drift lasts",
            inputs=(SNAPSHOT,),
            outputs=(DRIFT_RUNS, DRIFT, DRIFT_HISTORY),
            facts=f"{_FACTS}:drift_logged",
            result_flag="lasting",
            event=LASTING_DRIFT,
        ),
        Step(
            f"{_ROOMS}.outcomes.measure_outcomes:measure_outcomes",
            "Compare earlier scores with what happened, ask for a training when they are worse",
            report=f"{_ROOMS}.outcomes.measure_outcomes:report_outcomes",
            inputs=(SCORES, CAMPAIGNS, DELIVERED[_FILES[0]]),
            outputs=(OUTCOMES, CAMPAIGN_OUTCOMES),
            facts=f"{_FACTS}:outcomes_measured",
            result_flag="worse",
            event=MODEL_WORSE,
        ),
    ),
    parameters=(
        Parameter(
            "as_of",
            date,
            "Day of the snapshot; empty means the last day that PAYMENTS holds.",
            when_left_out="the latest day",
        ),
        _source(for_airflow=False),
        Parameter(
            "simulate_drift",
            float,
            "A demonstration: move numbers by so many standard deviations. Such a run is labelled "
            "and counts towards nothing.",
            default=0,
            minimum=0,
            maximum=10,
            run_label="SIMULATED",
        ),
        _retrain("When drift lasts or the model got worse"),
    ),
)

WATCHDOG = Pipeline(
    name="churn_watchdog",
    plan=f"{_ROOMS}.planning:plan_snapshot",
    last_day=_LAST_DAY_DELIVERED,
    steps=(
        Step(
            f"{_ROOMS}.sources.changes.detect_source_changes:detect_source_changes",
            "Compare the five files with those of the last event",
            inputs=tuple(DELIVERED.values()),
            outputs=(SOURCES,),
            facts=f"{_FACTS}:watched",
        ),
        Step(
            f"{_ROOMS}.sources.changes.emit_source_update:emit_source_update",
            "Say that they changed, which starts a training",
            inputs=(SOURCES,),
            outputs=(SOURCES,),
            result_flag="due",
            event=SOURCES_CHANGED,
        ),
    ),
    parameters=(_source(for_airflow=False), _retrain("When files changed")),
)
