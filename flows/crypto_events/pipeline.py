"""The crypto events pipeline, declared once for Prefect, Airflow and the command line."""

from datetime import date

from flows.platform.pipeline.declaration import Parameter, Pipeline, Step

_ROOMS = "flows.crypto_events"

PIPELINE = Pipeline(
    name="crypto_events",
    plan=f"{_ROOMS}.run:plan_run",
    steps=(
        Step(
            f"{_ROOMS}.landing.generate_fake_history_last_5_days:generate_fake_history_last_5_days",
            "Top each day of the window up with fake rows",
            only_with="generate",
        ),
        Step(
            f"{_ROOMS}.staging.build_events_candidate:build_events_candidate",
            "Read, parse and judge the raw rows of the window",
        ),
        Step(
            f"{_ROOMS}.validation.validate:ge_validate_raw",
            "Great Expectations: suite_raw_history",
            report=f"{_ROOMS}.validation.reports:report_raw_validation",
        ),
        Step(
            f"{_ROOMS}.validation.validate:ge_validate_candidate",
            "Great Expectations: suite_staging_candidate",
            report=f"{_ROOMS}.validation.reports:report_candidate_validation",
        ),
        Step(
            f"{_ROOMS}.publication.merge_to_prod:merge_to_prod",
            "Publish into prod.BT_CRYPTO_EVENTS in one transaction",
            report=f"{_ROOMS}.publication.merge_to_prod:report_publication",
        ),
        Step(
            f"{_ROOMS}.publication.vacuum_analyze_prod:vacuum_analyze_prod",
            "Vacuum and analyse the partitions that were touched",
        ),
        Step(
            f"{_ROOMS}.publication.notify_success:notify_success",
            "Build Data Docs, tell what was published",
            report=f"{_ROOMS}.validation.reports:report_data_docs",
        ),
    ),
    parameters=(
        Parameter(
            "as_of",
            date,
            "Last day of the window; empty means today.",
            when_left_out="today",
        ),
        Parameter(
            "window_days",
            int,
            "How many days to rebuild; empty means the setting (five).",
            minimum=1,
            maximum=3660,
        ),
        Parameter(
            "policy",
            str,
            "`abort` stops at bad rows, `quarantine` publishes the rest; empty: the setting.",
            choices=("abort", "quarantine"),
        ),
        Parameter(
            "max_reject_share",
            float,
            "Under quarantine, the share of bad rows that is tolerated.",
            minimum=0,
            maximum=1,
        ),
        Parameter(
            "allow_mass_deactivation",
            bool,
            "Publish even when a large share of the live rows vanished.",
            default=False,
        ),
        Parameter(
            "full",
            bool,
            "Judge every raw row of the window anew, whatever was judged before.",
            default=False,
        ),
        Parameter(
            "verify",
            bool,
            "The same, and stop where what was judged before differs.",
            default=False,
        ),
        Parameter(
            "generate",
            bool,
            "Top the window up with fake rows first.",
            default=True,
            planned=False,
        ),
    ),
)
