-- Remove a batch of old dismissals of which no raw row is left.
WITH gone AS (
    DELETE FROM dqm.bt_crypto_events_dismissals AS dismissal
    WHERE dismissal.ctid = ANY(ARRAY(
        SELECT dismissal.ctid
        FROM dqm.bt_crypto_events_dismissals AS dismissal
        WHERE dismissal.dismissed_at < %(kept_since)s
          AND NOT EXISTS (
            SELECT FROM raw.bt_crypto_transaction_history AS history
            WHERE raw.date_key(history.purchase_date) = raw.date_key(dismissal.purchase_date)
              AND (history.site_id, history.user_id, history.purchase_date, history.crypto_type,
                   history.purchase_price, history.purchase_units)
                  IS NOT DISTINCT FROM
                  (dismissal.site_id, dismissal.user_id, dismissal.purchase_date,
                   dismissal.crypto_type, dismissal.purchase_price, dismissal.purchase_units)
          )
        LIMIT %(batch)s
    ))
    RETURNING pg_column_size(dismissal.*) AS bytes
)
SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone
