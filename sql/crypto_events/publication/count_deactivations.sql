-- Live rows and rows to deactivate, for each day of the window that has live rows.
SELECT purchase_date, live.rows AS live_rows, coalesce(gone.rows, 0) AS gone_rows
FROM (
    SELECT purchase_date, count(*) AS rows
    FROM prod.bt_crypto_events
    WHERE purchase_date BETWEEN %(window_start)s AND %(as_of)s AND is_active
    GROUP BY purchase_date
) AS live
LEFT JOIN (
    SELECT purchase_date, count(*) AS rows
    FROM delta
    WHERE operation = 'D'
    GROUP BY purchase_date
) AS gone USING (purchase_date)
ORDER BY purchase_date
