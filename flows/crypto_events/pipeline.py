"""The crypto events pipeline, declared once for Prefect, Airflow and the command line."""

from datetime import date

from flows.platform.pipeline.declaration import Dataset, Parameter, Pipeline, Step

_ROOMS = "flows.crypto_events"
_FACTS = f"{_ROOMS}.lineage"

RAW = Dataset("table", "raw.bt_crypto_transaction_history")
REPLACED = Dataset("table", "raw.bt_crypto_transaction_history_replaced")
DELIVERIES = Dataset("table", "raw.deliveries")
WINDOW = Dataset("table", "staging.bt_crypto_events_window")
RAW_WINDOW = Dataset("table", "staging.bt_crypto_events_raw_window")
CANDIDATE = Dataset("table", "staging.bt_crypto_events_candidate")
PROD = Dataset("table", "prod.bt_crypto_events")
RUNS = Dataset("table", "dqm.bt_crypto_events_runs")
VERDICTS = Dataset("table", "dqm.dq_runs")
REJECTS = Dataset("table", "dqm.bt_crypto_events_rejects")
SUPERSEDED = Dataset("table", "dqm.bt_crypto_events_superseded")
DISMISSALS = Dataset("table", "dqm.bt_crypto_events_dismissals")
DATA_DOCS = Dataset("artifact", "ge-artifacts/data_docs")

PIPELINE = Pipeline(
    name="crypto_events",
    plan=f"{_ROOMS}.run:plan_run",
    steps=(
        Step(
            f"{_ROOMS}.landing.generate_fake_history_last_5_days:generate_fake_history_last_5_days",
            "Top each day of the window up with fake rows",
            outputs=(RAW,),
            facts=f"{_FACTS}:generated",
            only_with="generate",
        ),
        Step(
            f"{_ROOMS}.staging.build_events_candidate:build_events_candidate",
            "Read, parse and judge the raw rows of the window",
            inputs=(RAW, DISMISSALS),
            outputs=(WINDOW, RAW_WINDOW, CANDIDATE, RUNS),
            facts=f"{_FACTS}:staged",
        ),
        Step(
            f"{_ROOMS}.validation.validate:ge_validate_raw",
            "Great Expectations: suite_raw_history",
            report=f"{_ROOMS}.validation.reports:report_raw_validation",
            inputs=(RAW_WINDOW,),
            outputs=(VERDICTS, REJECTS),
            facts=f"{_FACTS}:raw_validated",
        ),
        Step(
            f"{_ROOMS}.validation.validate:ge_validate_candidate",
            "Great Expectations: suite_staging_candidate",
            report=f"{_ROOMS}.validation.reports:report_candidate_validation",
            inputs=(CANDIDATE,),
            outputs=(VERDICTS, REJECTS),
            facts=f"{_FACTS}:candidate_validated",
        ),
        Step(
            f"{_ROOMS}.publication.merge_to_prod:merge_to_prod",
            "Publish into prod.BT_CRYPTO_EVENTS in one transaction",
            report=f"{_ROOMS}.publication.reports:report_publication",
            inputs=(CANDIDATE, WINDOW),
            outputs=(PROD, REJECTS, SUPERSEDED, RUNS),
            facts=f"{_FACTS}:published",
        ),
        Step(
            f"{_ROOMS}.publication.vacuum_analyze_prod:vacuum_analyze_prod",
            "Vacuum and analyse the partitions that were touched",
            inputs=(PROD,),
        ),
        Step(
            f"{_ROOMS}.publication.notify_success:notify_success",
            "Build Data Docs, tell what was published",
            report=f"{_ROOMS}.validation.reports:report_data_docs",
            inputs=(RUNS, VERDICTS),
            outputs=(DATA_DOCS,),
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
            "accept_delivery",
            bool,
            "Publish even when a rule about the delivery as a whole asks.",
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
