-- What the run does not look at again, by day: good rows, and live rows of prod. Both are what is kept of
-- the day less what the run looks at, so that the cost does not grow with the rest. Where it looks at each day
-- as a whole, no staged row is read for that.
INSERT INTO staging.bt_crypto_events_days (day, vouched_rows, vouched_keys)
SELECT of_window::date,
    coalesce(kept.judged_rows, 0) - coalesce(staged.rows, 0),
    coalesce(kept.live_rows, 0) - coalesce(looked_at.live_rows, 0)
FROM generate_series({window_start}::date, {as_of}::date, interval '1 day') AS of_window
LEFT JOIN (
    SELECT counts.day,
        sum(judged_rows) FILTER (
            WHERE generation = (SELECT generation FROM raw.bt_crypto_judged_contract)
        )::bigint AS judged_rows,
        sum(live_rows)::bigint AS live_rows
    FROM raw.bt_crypto_day_counts AS counts
    WHERE counts.day = ANY({other_days}::date[])
    GROUP BY counts.day
) AS kept ON kept.day = of_window::date
LEFT JOIN (
    SELECT purchase_date, count(*) AS rows
    FROM staging.bt_crypto_events_window
    WHERE cardinality({other_days}::date[]) > 0 AND purchase_date = ANY({other_days}::date[])
    GROUP BY purchase_date
) AS staged ON staged.purchase_date = of_window::date
LEFT JOIN (
    -- User by user: a join would read every row of the days.
    SELECT purchase_date, count(*) AS live_rows
    FROM staging.bt_crypto_events_keys AS touched
    CROSS JOIN LATERAL (
        SELECT FROM prod.bt_crypto_events
        WHERE purchase_date = touched.purchase_date AND user_id = touched.user_id
          AND is_active AND purchase_date BETWEEN {window_start} AND {as_of}
        OFFSET 0
    ) AS live
    WHERE user_id IS NOT NULL AND purchase_date = ANY({other_days}::date[])
    GROUP BY purchase_date
) AS looked_at ON looked_at.purchase_date = of_window::date
