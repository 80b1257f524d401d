-- Every row that was ever published, and the days of those that are published.
SELECT count(*) AS published_rows, min(purchase_date) AS first_day, max(purchase_date) AS last_day,
    (SELECT count(*) FROM dqm.bt_crypto_events_of_other_keys) AS rows_aside
FROM prod.bt_crypto_events
