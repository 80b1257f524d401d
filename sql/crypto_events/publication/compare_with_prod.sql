-- What publishing the candidate would change, row by row, without unchanged rows. Only what the run
-- looks at is compared: nothing else was touched since it was published.
--   I insert   U update   R reactivate   D deactivate
CREATE TEMPORARY TABLE delta ON COMMIT DROP AS
SELECT *
FROM (
    SELECT
        CASE
            WHEN live.purchase_date IS NULL THEN 'I'
            WHEN candidate.purchase_date IS NULL THEN 'D'
            WHEN live.is_active THEN 'U'
            ELSE 'R'
        END AS operation,
        {key},
        {values}
    FROM staging.bt_crypto_events_candidate AS candidate
    FULL JOIN (
        SELECT * FROM prod.bt_crypto_events
        WHERE purchase_date = ANY({whole_days}::date[])
        UNION ALL
        -- User by user: a join would read every row of the window.
        SELECT event.*
        FROM staging.bt_crypto_events_keys AS touched
        CROSS JOIN LATERAL (
            SELECT * FROM prod.bt_crypto_events
            WHERE purchase_date = touched.purchase_date AND user_id = touched.user_id
              AND purchase_date BETWEEN {window_start} AND {as_of}
            OFFSET 0
        ) AS event
        WHERE touched.user_id IS NOT NULL AND touched.purchase_date <> ALL({whole_days}::date[])
    ) AS live
        ON {same_key}
    WHERE live.purchase_date IS NULL
       OR (candidate.purchase_date IS NULL AND live.is_active)
       OR (candidate.purchase_date IS NOT NULL AND NOT (
            live.is_active
            AND {same_values}))
) AS changed
-- By days and users, with which the key begins, so that the index of prod grows at its end, and pages that are
-- changed are at hand. As one number, because two columns, of which the first has few values, cost three times as
-- much to sort; users beyond 40 bits are in no order.
ORDER BY (purchase_date - DATE '0001-01-01')::bigint << 40
    | greatest(least(user_id, (1::bigint << 40) - 1), 0)
