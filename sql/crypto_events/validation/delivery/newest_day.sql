-- The newest day of the window that was delivered, when it is too old.
SELECT day, {as_of} - day AS days_old
FROM (
    SELECT max(day) AS day FROM staging.bt_crypto_events_delivered WHERE rule = ''
) AS newest
WHERE {as_of} - day > {most_days}
