"""The crypto events pipeline, declared once for Prefect, Airflow and the command line."""

from flows.platform.pipeline import Pipeline, Step

PIPELINE = Pipeline(
    name="crypto_events",
    steps=(
        Step("generate_fake_history_last_5_days", "Top each day of the window up with fake rows"),
        Step("build_events_candidate", "Read, parse and judge the raw rows of the window"),
        Step("ge_validate_raw", "Great Expectations: suite_raw_history"),
        Step("ge_validate_candidate", "Great Expectations: suite_staging_candidate"),
        Step("merge_to_prod", "Publish into prod.BT_CRYPTO_EVENTS in one transaction"),
        Step("vacuum_analyze_prod", "Vacuum and analyse the partitions that were touched"),
        Step("notify_success", "Build Data Docs, tell what was published"),
    ),
)
