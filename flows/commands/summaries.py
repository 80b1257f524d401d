"""What `kpi --help` says of each command, in its order, without importing any of them."""

SUMMARIES = {
    "demo": "Show both deliverables: crypto events with a bad delivery, churn with drift.",
    "ingest": (
        "Store a delivery of crypto transactions: all of its rows exactly as they are, or none."
    ),
    "run": "Run the Prefect flow crypto-events: rebuild the window, validate, publish.",
    "backfill": (
        "Publish past days again from the raw rows: the daily run with other dates, no fake rows."
    ),
    "replay": (
        "Decide again about open rejects, after a rule or a row was fixed: run their days again."
    ),
    "plan": "Show what a run would insert, update and deactivate, without doing it.",
    "docs": "Make the index and the pages of Data Docs anew from the stored validation results.",
    "train": "Run the Prefect flow churn-training: features, Spark, MLflow, promotion.",
    "score": "Run the Prefect flow churn-scoring: every user's probability of churn.",
    "drift": "Run the Prefect flow churn-drift-monitor: the latest users against the weeks before.",
    "watch": "Run the Prefect flow churn-watchdog: changed source files start a training.",
    "campaign": "Keep whom a campaign contacted and held out: all users of the file, or none.",
    "sample-data": (
        "Write the five churn files of made-up users: the same arguments, the same bytes."
    ),
    "step": "Run one step; its result is the last line of the output, as JSON.",
    "notify": "Post a text to the webhook; without one, do nothing.",
    "up": "Start the local platform, register the deployments, and leave it running.",
    "down": "Stop the local platform, and the embedded PostgreSQL server.",
    "status": "Tell how each service of the local platform is, and where it listens and writes.",
    "logs": "Show what the services of the local platform say.",
    "psql": "Open psql in the warehouse; psql's own options go after `--` when kpi has the same.",
    "deploy": (
        "Register work pool, queues and the deployments of prefect.yaml with PREFECT_API_URL."
    ),
    "worker": (
        "Run what the Prefect server of PREFECT_API_URL schedules; before, tell it what was lost."
    ),
    "forget": (
        "Delete a user from every table, file and log, and store no delivery of theirs any more."
    ),
    "prune": "Run the Prefect flow retention: remove what is older than KPI_RETENTION__… says.",
    "doctor": (
        "Check the installation, the settings and every server that runs need, and say what to do."
    ),
    "check": (
        "Look for what must have happened and has not; tell the webhook; end with 1 if there "
        "is any."
    ),
    "metrics": "Serve the platform's metrics at /metrics, for Prometheus, until it is stopped.",
    "rejects": "Rows that broke the contract, and what to do with them.",
    "contract": "What contracts say, and whether a file fits one.",
    "model": "The churn model's versions.",
    "db": "The warehouse's database.",
    "blocks": "Connections as Prefect blocks.",
    "prepare": "Databases and buckets on servers of one's own.",
}
