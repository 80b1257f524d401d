-- What publishing the candidate would change, row by row, without unchanged rows. Only what the run
-- looks at is compared: nothing else was touched since it was published.
--   I insert   U update   R reactivate   D deactivate
CREATE TEMPORARY TABLE delta ON COMMIT DROP AS
SELECT
    CASE
        WHEN live.purchase_date IS NULL THEN 'I'
        WHEN candidate.purchase_date IS NULL THEN 'D'
        WHEN live.is_active THEN 'U'
        ELSE 'R'
    END AS operation,
    coalesce(candidate.purchase_date, live.purchase_date) AS purchase_date,
    coalesce(candidate.site_id, live.site_id) AS site_id,
    coalesce(candidate.user_id, live.user_id) AS user_id,
    coalesce(candidate.crypto_type, live.crypto_type) AS crypto_type,
    candidate.purchase_price,
    candidate.purchase_units,
    candidate.purchase_value
FROM staging.bt_crypto_events_candidate AS candidate
FULL JOIN (
    SELECT * FROM prod.bt_crypto_events
    WHERE purchase_date = ANY({whole_days}::date[])
    UNION ALL
    SELECT event.*
    FROM prod.bt_crypto_events AS event
    JOIN (
        SELECT DISTINCT purchase_date, user_id
        FROM staging.bt_crypto_events_keys
        WHERE user_id IS NOT NULL AND purchase_date <> ALL({whole_days}::date[])
    ) AS looked_at USING (purchase_date, user_id)
    WHERE event.purchase_date BETWEEN {window_start} AND {as_of}
) AS live
    ON live.user_id = candidate.user_id
    AND live.purchase_date = candidate.purchase_date
    AND live.site_id = candidate.site_id
    AND live.crypto_type = candidate.crypto_type
WHERE live.purchase_date IS NULL
   OR (candidate.purchase_date IS NULL AND live.is_active)
   OR (candidate.purchase_date IS NOT NULL AND NOT (
        live.is_active
        AND live.purchase_price = candidate.purchase_price
        AND live.purchase_units = candidate.purchase_units))
