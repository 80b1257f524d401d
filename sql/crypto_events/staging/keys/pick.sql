-- What the run looks at again: users of a day, or, without a user, the whole day. What was touched since
-- it was published; users with a dismissed row, since dismissals are not noted; and whole days of which
-- a verdict is missing. Each once, in the order of the indexes in which they are looked up later, so that the
-- pages of these are at hand.
INSERT INTO staging.bt_crypto_events_keys (purchase_date, user_id, verifies, touch_ids)
SELECT purchase_date, user_id, bool_and(verifies), array_remove(array_agg(touch_id), NULL)
FROM (
    SELECT touch_id, purchase_date, user_id, verifies
    FROM raw.bt_crypto_touched
    WHERE purchase_date BETWEEN %(window_start)s AND %(as_of)s
    UNION ALL
    SELECT NULL, purchase_date, user_id, false
    FROM dismissed
    WHERE purchase_date BETWEEN %(window_start)s AND %(as_of)s AND user_id IS NOT NULL
    UNION ALL
    SELECT NULL, day::date, NULL, false
    FROM generate_series(%(window_start)s::date, %(as_of)s::date, interval '1 day') AS day
    WHERE NOT EXISTS (
        SELECT FROM dqm.bt_crypto_events_vouchers AS voucher WHERE voucher.day = day::date
    )
       OR EXISTS (
        SELECT FROM dqm.bt_crypto_events_vouchers AS voucher
        WHERE voucher.day = day::date
          AND 2 > (
            SELECT count(*) FROM dqm.dq_runs AS verdict
            WHERE verdict.run_id = voucher.run_id AND (verdict.success OR verdict.tolerated)
          )
       )
) AS looked_at
GROUP BY purchase_date, user_id
ORDER BY purchase_date, user_id
