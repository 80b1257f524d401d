"""The crypto events pipeline, declared once for Prefect, Airflow and the command line."""

from flows.platform.pipeline.declaration import AS_OF, Option, Pipeline, Step

PIPELINE = Pipeline(
    name="crypto_events",
    steps=(
        Step(
            "generate_fake_history_last_5_days",
            "Top each day of the window up with fake rows",
            only_with="generate",
        ),
        Step("build_events_candidate", "Read, parse and judge the raw rows of the window"),
        Step("ge_validate_raw", "Great Expectations: suite_raw_history"),
        Step("ge_validate_candidate", "Great Expectations: suite_staging_candidate"),
        Step("merge_to_prod", "Publish into prod.BT_CRYPTO_EVENTS in one transaction"),
        Step("vacuum_analyze_prod", "Vacuum and analyse the partitions that were touched"),
        Step("notify_success", "Build Data Docs, tell what was published"),
    ),
    options=(
        Option("as_of", "Last day of the window; empty means today.", AS_OF),
        Option(
            "window_days",
            "How many days to rebuild; empty means the setting (five).",
            {"type": ["null", "integer"], "minimum": 1, "maximum": 3660},
        ),
        Option(
            "policy",
            "`abort` stops at bad rows, `quarantine` publishes the rest; empty: the setting.",
            {"type": ["null", "string"], "enum": [None, "abort", "quarantine"]},
        ),
        Option(
            "max_reject_share",
            "Under quarantine, the share of bad rows that is tolerated.",
            {"type": ["null", "number"], "minimum": 0, "maximum": 1},
        ),
        Option(
            "allow_mass_deactivation",
            "Publish even when a large share of the live rows vanished.",
            {"type": "boolean"},
            default=False,
        ),
        Option(
            "generate", "Top the window up with fake rows first.", {"type": "boolean"}, default=True
        ),
    ),
)
