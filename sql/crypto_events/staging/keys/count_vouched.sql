-- What the run does not look at again, by day: good rows, and live rows of prod. Both are counted, not
-- carried over.
INSERT INTO staging.bt_crypto_events_days (day, vouched_rows, vouched_keys)
SELECT day::date,
    coalesce(judged.rows, 0) - coalesce(staged.rows, 0),
    coalesce(live.rows, 0)
FROM generate_series(%(window_start)s::date, %(as_of)s::date, interval '1 day') AS day
LEFT JOIN (
    SELECT purchase_date, count(*) AS rows
    FROM raw.bt_crypto_judged
    WHERE purchase_date = ANY({other_days}::date[])
    GROUP BY purchase_date
) AS judged ON judged.purchase_date = day::date
LEFT JOIN (
    SELECT purchase_date, count(*) AS rows
    FROM staging.bt_crypto_events_window
    WHERE purchase_date = ANY({other_days}::date[])
    GROUP BY purchase_date
) AS staged ON staged.purchase_date = day::date
LEFT JOIN (
    SELECT purchase_date, count(*) AS rows
    FROM prod.bt_crypto_events AS event
    WHERE purchase_date = ANY({other_days}::date[])
      AND is_active
      AND NOT EXISTS (
        SELECT FROM staging.bt_crypto_events_keys AS looked_at
        WHERE looked_at.purchase_date = event.purchase_date AND looked_at.user_id = event.user_id
      )
    GROUP BY purchase_date
) AS live ON live.purchase_date = day::date
