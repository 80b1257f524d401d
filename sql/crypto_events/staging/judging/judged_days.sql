-- The days of the window that are judged, but for what came since.
SELECT day FROM raw.bt_crypto_judged_days
WHERE day BETWEEN %(window_start)s AND %(as_of)s
