"""What runs leave in the tables, and how many rows are there, as queries."""

LEFT = {
    "prod": "SELECT purchase_date, site_id, user_id, crypto_type, purchase_price::text,"
    " purchase_units::text, purchase_value::text, is_active FROM prod.bt_crypto_events"
    " ORDER BY purchase_date, site_id, user_id, crypto_type, purchase_price, purchase_units",
    "aside": "SELECT purchase_date, site_id, user_id, crypto_type, purchase_price::text,"
    " purchase_units::text, purchase_value::text, is_active FROM dqm.bt_crypto_events_of_other_keys"
    " ORDER BY purchase_date, site_id, user_id, crypto_type, purchase_price, purchase_units,"
    " is_active",
    "rejects": "SELECT run_id, raw_id, reason, as_of, site_id, user_id, purchase_date,"
    " crypto_type, purchase_price, purchase_units, source_name, source_row_number, resolution"
    " FROM dqm.bt_crypto_events_rejects ORDER BY run_id, raw_id, reason",
    "superseded": "SELECT raw_id, kept_raw_id, superseded_as, run_id"
    " FROM dqm.bt_crypto_events_superseded ORDER BY raw_id",
    "delivered": "SELECT day, rows, run_id FROM dqm.bt_crypto_events_delivered_days ORDER BY day",
    "runs": "SELECT run_id, as_of, window_start, policy, raw_rows, candidate_rows, rejected_rows,"
    " superseded_rows, dismissed_rows, published_at IS NOT NULL AS published, inserted_rows,"
    " updated_rows, reactivated_rows, deactivated_rows, unchanged_rows, protected_rows"
    " FROM dqm.bt_crypto_events_runs ORDER BY run_id",
}
"""What a run leaves, without moments."""

COUNTS = {
    "raw rows": "SELECT raw.date_key(purchase_date) AS day, count(*)"
    " FROM raw.bt_crypto_transaction_history"
    " WHERE raw.date_group(raw.date_key(purchase_date)) IS NOT NULL GROUP BY 1",
    "kept raw rows": "SELECT date_key AS day, sum(rows)::bigint AS count"
    " FROM raw.bt_crypto_raw_counts GROUP BY 1",
    "judged rows": "SELECT purchase_date AS day, count(*) FROM raw.bt_crypto_judged"
    " WHERE purchase_date IN (SELECT day FROM raw.bt_crypto_judged_days) GROUP BY 1",
    "kept judged rows": "SELECT day, sum(judged_rows)::bigint AS count"
    " FROM raw.bt_crypto_day_counts"
    " WHERE generation = (SELECT generation FROM raw.bt_crypto_judged_contract)"
    " AND day IN (SELECT day FROM raw.bt_crypto_judged_days) GROUP BY 1",
    "live rows": "SELECT purchase_date AS day, count(*) FROM prod.bt_crypto_events"
    " WHERE is_active AND purchase_date IN (SELECT day FROM raw.bt_crypto_judged_days)"
    " AND purchase_date NOT IN"
    " (SELECT purchase_date FROM raw.bt_crypto_touched WHERE user_id IS NULL) GROUP BY 1",
    "kept live rows": "SELECT day, sum(live_rows)::bigint AS count FROM raw.bt_crypto_day_counts"
    " WHERE day IN (SELECT day FROM raw.bt_crypto_judged_days) AND day NOT IN"
    " (SELECT purchase_date FROM raw.bt_crypto_touched WHERE user_id IS NULL) GROUP BY 1",
}
"""What is there by day, and what was added up."""
