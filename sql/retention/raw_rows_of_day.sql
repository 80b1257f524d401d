-- Remove a batch of a day's raw rows of which each has its proof: it is published just so, or it was
-- rejected and that is resolved, or it was dismissed. A row without one, or with an open reject, stays.
WITH chosen AS (
    SELECT raw_id
    FROM raw.bt_crypto_transaction_history AS history
    WHERE raw.date_key(purchase_date) = ANY({day_forms})
      AND arrived_at < %(kept_since)s
      AND NOT EXISTS (
        SELECT FROM dqm.bt_crypto_events_rejects AS reject
        WHERE reject.raw_id = history.raw_id AND reject.resolved_at IS NULL
      )
      AND (
        EXISTS (
            SELECT FROM prod.bt_crypto_events AS event
            WHERE event.purchase_date = %(day)s
              AND event.site_id = raw.trimmed(history.site_id)
              AND event.user_id = raw.to_bigint(raw.trimmed(history.user_id), {number_max_length})
              AND event.crypto_type = raw.trimmed(history.crypto_type)
              AND event.purchase_price
                = raw.to_number(raw.trimmed(history.purchase_price), {number_max_length})
              AND event.purchase_units
                = raw.to_number(raw.trimmed(history.purchase_units), {number_max_length})
              AND event.is_active
        )
        OR EXISTS (
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
),
marked AS (
    INSERT INTO dqm.bt_crypto_events_pruned_days AS known (day, rows, run_id)
    SELECT %(day)s, count(*), %(run_id)s FROM chosen HAVING count(*) > 0
    ON CONFLICT (day) DO UPDATE
    SET rows = known.rows + excluded.rows, run_id = excluded.run_id, pruned_at = now()
)
SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone
