-- Remove a batch of raw rows without a real date: rejected, which is resolved, or dismissed.
WITH chosen AS (
    SELECT raw_id
    FROM raw.bt_crypto_transaction_history AS history
    WHERE arrived_at < %(kept_since)s
      AND NOT EXISTS (
        SELECT FROM dqm.calendar WHERE form = raw.trimmed(history.purchase_date)
      )
      AND NOT EXISTS (
        SELECT FROM dqm.bt_crypto_events_rejects AS reject
        WHERE reject.raw_id = history.raw_id AND reject.resolved_at IS NULL
      )
      AND (
        EXISTS (
            SELECT FROM dqm.bt_crypto_events_rejects AS reject
            WHERE reject.raw_id = history.raw_id AND reject.resolved_at IS NOT NULL
        )
        OR EXISTS (
            SELECT FROM dqm.bt_crypto_events_dismissals AS dismissal
            WHERE dismissal.content_md5 = md5(ROW(history.site_id, history.user_id,
                history.purchase_date, history.crypto_type, history.purchase_price,
                history.purchase_units)::text)
        )
      )
    LIMIT %(batch)s
),
gone AS (
    DELETE FROM raw.bt_crypto_transaction_history AS history
    USING chosen
    WHERE history.raw_id = chosen.raw_id
    RETURNING pg_column_size(history.*) AS bytes
)
SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone
