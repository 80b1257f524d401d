-- Remove a batch of a day's raw rows of which each has its proof: it is published just so, or a newer one of
-- its key is, or it was rejected and that is resolved, or it was dismissed. A row without one, or with an
-- open reject, stays; and so does a newer one as long as an older one is there, which would take its place.
-- Where rows are added up, what is published stays: what comes later is added to it.
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
        AND NOT {adds_up}
        AND NOT EXISTS (
            SELECT FROM dqm.bt_crypto_events_superseded AS known
            JOIN raw.bt_crypto_transaction_history AS older USING (raw_id)
            WHERE known.kept_raw_id = history.raw_id AND known.superseded_as <> 'repetition'
        )
        OR EXISTS (
            SELECT FROM dqm.bt_crypto_events_superseded AS known
            JOIN raw.bt_crypto_transaction_history AS kept ON kept.raw_id = known.kept_raw_id
            JOIN prod.bt_crypto_events AS event
              ON event.purchase_date = %(day)s
             AND event.site_id = raw.trimmed(kept.site_id)
             AND event.user_id = raw.to_bigint(raw.trimmed(kept.user_id), {number_max_length})
             AND event.crypto_type = raw.trimmed(kept.crypto_type)
             AND event.purchase_price
               = raw.to_number(raw.trimmed(kept.purchase_price), {number_max_length})
             AND event.purchase_units
               = raw.to_number(raw.trimmed(kept.purchase_units), {number_max_length})
             AND event.is_active
            WHERE known.raw_id = history.raw_id AND known.superseded_as = 'older'
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
judged AS (
    DELETE FROM raw.bt_crypto_judged AS judged
    USING chosen
    WHERE judged.raw_id = chosen.raw_id
    RETURNING judged.purchase_date
),
-- Without users: what is known of them goes with the rows.
touched AS (
    INSERT INTO raw.bt_crypto_touched (purchase_date)
    SELECT DISTINCT purchase_date FROM judged WHERE purchase_date IS NOT NULL
),
nameless AS (
    DELETE FROM raw.bt_crypto_touched AS touched
    WHERE touched.user_id IS NOT NULL
      AND touched.purchase_date IN (SELECT purchase_date FROM judged)
),
marked AS (
    INSERT INTO dqm.bt_crypto_events_pruned_days AS known (day, rows, run_id)
    SELECT %(day)s, count(*), %(run_id)s FROM chosen HAVING count(*) > 0
    ON CONFLICT (day) DO UPDATE
    SET rows = known.rows + excluded.rows, run_id = excluded.run_id, pruned_at = now()
)
SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone
