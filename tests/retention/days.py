"""Days of a warehouse that was in use: what each leaves in every table, by SQL."""

from datetime import date, timedelta
from typing import LiteralString

from psycopg import sql

from flows.churn.model.score_users import create_month
from flows.crypto_events.publication.partitions import add_partitions
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings

LAST = date(2026, 6, 30)
# Each day has three published rows, a repetition, a bad row that was dismissed and closed, and on
# each tenth a bad row that nobody decided about.
RAW_ROWS = 5

_DAYS = (
    "(SELECT day::date FROM generate_series(%(first)s::date, %(last)s::date, '1 day') AS day) AS d"
)
_STATEMENTS: tuple[LiteralString, ...] = (
    """INSERT INTO prod.bt_crypto_events (purchase_date, site_id, user_id, crypto_type,
           purchase_price, purchase_units, purchase_value, created_at)
       SELECT day, 'BRASIL', user_id, 'BTC', 100, 2, 200, day
       FROM {days}, generate_series(1, 3) AS user_id""",
    """INSERT INTO raw.bt_crypto_transaction_history (site_id, user_id, purchase_date, crypto_type,
           purchase_price, purchase_units, source_name, source_row_number, arrived_at)
       SELECT 'BRASIL', least(n, 3)::text, to_char(day, 'FMDD/FMMM/YYYY'), ' BTC ',
           CASE WHEN n < 5 THEN '100.0' ELSE 'dear' END, '2', 'day.csv', n, day + time '06:00'
       FROM {days}, generate_series(1, 5) AS n""",
    """INSERT INTO raw.bt_crypto_transaction_history (site_id, user_id, purchase_date, crypto_type,
           purchase_price, purchase_units, source_name, source_row_number, arrived_at)
       SELECT 'BRASIL', '7', to_char(day, 'FMDD/FMMM/YYYY'), 'BTC', 'nobody knows', '2', 'day.csv',
           6, day + time '06:00'
       FROM {days} WHERE extract(day FROM day) = 10""",
    """INSERT INTO dqm.bt_crypto_events_rejects (run_id, raw_id, reason, as_of, site_id, user_id,
           purchase_date, crypto_type, purchase_price, purchase_units, source_name,
           source_row_number, arrived_at, rejected_at, resolved_at, resolution)
       SELECT 'run ' || day, raw_id, 'purchase_price_not_a_number', day, site_id, user_id,
           purchase_date, crypto_type, purchase_price, purchase_units, source_name,
           source_row_number, arrived_at, arrived_at,
           CASE source_row_number WHEN 5 THEN arrived_at + interval '1 hour' END,
           CASE source_row_number WHEN 5 THEN 'dismissed by ana' END
       FROM {days} JOIN raw.bt_crypto_transaction_history
         ON raw.date_key(purchase_date) = to_char(day, 'FMDD/FMMM/YYYY')
       WHERE purchase_price IN ('dear', 'nobody knows')""",
    """INSERT INTO dqm.bt_crypto_events_dismissals (content_md5, site_id, user_id, purchase_date,
           crypto_type, purchase_price, purchase_units, dismissed_by, why, dismissed_at)
       SELECT md5(ROW(site_id, user_id, purchase_date, crypto_type, purchase_price,
           purchase_units)::text), site_id, user_id, purchase_date, crypto_type, purchase_price,
           purchase_units, 'ana', 'a typing error', day
       FROM {days} JOIN raw.bt_crypto_transaction_history
         ON raw.date_key(purchase_date) = to_char(day, 'FMDD/FMMM/YYYY')
       WHERE purchase_price = 'dear'""",
    """INSERT INTO dqm.bt_crypto_events_superseded
       SELECT raw_id, raw_id - 1, 'run ' || day, day
       FROM {days} JOIN raw.bt_crypto_transaction_history
         ON raw.date_key(purchase_date) = to_char(day, 'FMDD/FMMM/YYYY')
       WHERE source_row_number = 4""",
    """INSERT INTO raw.bt_crypto_transaction_history_replaced
       SELECT -extract(epoch FROM day), 'BRASIL', '1', to_char(day, 'FMDD/FMMM/YYYY'), 'BTC', '99',
           '2', 'day.csv', 1, day, day, 'day.csv' FROM {days}""",
    """INSERT INTO raw.deliveries (source_name, mode, rows_loaded, rows_replaced, delivered_at)
       SELECT 'day.csv', 'append', 5, 0, day FROM {days}""",
    """INSERT INTO dqm.bt_crypto_events_runs (run_id, as_of, window_start, policy, staged_at,
           staged_by, raw_rows, candidate_rows, rejected_rows, superseded_rows, dismissed_rows,
           published_at)
       SELECT 'run ' || day, day, day - 4, 'quarantine', day + time '07:00', '1', 25, 15, 0, 5, 5,
           day + time '07:01' FROM {days}""",
    """INSERT INTO dqm.dq_runs (run_id, suite, as_of, window_start, staged_by, success, tolerated,
           expectations, failed_expectations, results, validated_at)
       SELECT 'run ' || day, suite, day, day - 4, '1', true, false, 20, 0, '[]', day + time '07:00'
       FROM {days}, unnest(ARRAY['suite_raw_history', 'suite_staging_candidate']) AS suite""",
    """INSERT INTO dqm.bt_churn_sources (run_id, source, sha256, changed, checked_at, event_at)
       SELECT 'look ' || day, 'data/churn', '{{}}', '{{}}', day,
           CASE WHEN day = %(first)s::date THEN day END FROM {days}""",
    """INSERT INTO dqm.bt_churn_drift_runs (run_id, snapshot_day, columns, drifted_columns,
           drifted_share, drifted_week, reference_snapshots, left_out, simulated, report, logged_at)
       SELECT 'drift ' || day, day, 10, 0, 0, false, '{{}}', '{{}}', false, 'a page', day
       FROM {days} WHERE extract(isodow FROM day) = 1""",
    """INSERT INTO dqm.bt_churn_drift (run_id, snapshot_day, column_name, method, threshold, score,
           drifted, simulated)
       SELECT 'drift ' || day, day, 'age', 'psi', 0.1, 0, false, false
       FROM {days} WHERE extract(isodow FROM day) = 1""",
    """INSERT INTO prod.bt_churn_scores (as_of, user_id, model_version, probability, scored_at)
       SELECT day, user_id, '1', 0.5, day FROM {days}, generate_series(1, 3) AS user_id""",
    """INSERT INTO prod.bt_churn_scored_groups (as_of, kind, name, users)
       SELECT day, 'city', 'Lima', 3 FROM {days}""",
    """INSERT INTO prod.bt_churn_campaigns (as_of, user_id, contacted_on, campaign_group,
           source_name, delivered_at)
       SELECT day, 1, day, 'contacted', 'campaign.csv', day FROM {days}""",
    """INSERT INTO dqm.bt_churn_outcomes (as_of, model_version, among, kind, last_day, users,
           run_id)
       SELECT day, '1', 'all', 'estimated', day + 30, 3, 'run ' || day FROM {days}""",
    """INSERT INTO dqm.bt_churn_campaign_outcomes (as_of, model_version, last_day, contacted,
           contacted_churned, control, control_churned, run_id)
       SELECT day, '1', day + 30, 1, 0, 1, 0, 'run ' || day FROM {days}""",
)

TABLES = (
    "raw.bt_crypto_transaction_history",
    "raw.bt_crypto_transaction_history_replaced",
    "raw.deliveries",
    "dqm.bt_crypto_events_rejects",
    "dqm.bt_crypto_events_dismissals",
    "dqm.bt_crypto_events_superseded",
    "dqm.bt_crypto_events_runs",
    "dqm.dq_runs",
    "dqm.bt_churn_sources",
    "dqm.bt_churn_drift_runs",
    "dqm.bt_churn_drift",
    "dqm.bt_churn_outcomes",
    "dqm.bt_churn_campaign_outcomes",
    "prod.bt_churn_scores",
    "prod.bt_churn_scored_groups",
    "prod.bt_churn_campaigns",
)


def pass_days(db: Connection, settings: Settings, first: date, last: date) -> None:
    """Leave in every table what the days from `first` to `last` leave there."""
    days = (last - first).days + 1
    add_partitions(db, [first + timedelta(days=day) for day in range(days)])
    for offset in range(0, days, 20):
        create_month(settings, first + timedelta(days=offset))
    create_month(settings, last)
    for statement in _STATEMENTS:
        text = sql.SQL(statement).format(days=sql.SQL(_DAYS))
        db.execute(text, {"first": first, "last": last})


def sizes(db: Connection) -> dict[str, int]:
    """Return the number of rows of every table that days grow."""
    return {name: _count(db, name) for name in TABLES}


def _count(db: Connection, name: str) -> int:
    table = sql.Identifier(*name.split("."))
    found = db.execute(sql.SQL("SELECT count(*) AS rows FROM {}").format(table)).fetchone()
    assert found
    return int(found["rows"])
