-- The rows of the window whose content was dismissed. Each is looked up by its primary key. A row dated
-- before the window is not in it, so that old dismissals cost nothing.
CREATE TEMPORARY TABLE dismissed ON COMMIT DROP AS
SELECT raw_id, purchase_date, user_id
FROM (
    SELECT DISTINCT raw_id
    FROM dqm.bt_crypto_events_dismissals AS dismissal
    JOIN raw.bt_crypto_transaction_history AS history
      ON raw.date_key(history.purchase_date) = raw.date_key(dismissal.purchase_date)
     AND (history.site_id, history.user_id, history.purchase_date,
          history.crypto_type, history.purchase_price, history.purchase_units)
         IS NOT DISTINCT FROM
         (dismissal.site_id, dismissal.user_id, dismissal.purchase_date,
          dismissal.crypto_type, dismissal.purchase_price, dismissal.purchase_units)
    WHERE NOT coalesce(
        (SELECT day FROM dqm.calendar WHERE form = raw.date_key(dismissal.purchase_date))
        < {window_start},
        false
    )
) AS same
CROSS JOIN LATERAL (
    SELECT purchase_date, user_id, latest_date
    FROM raw.bt_crypto_judged AS judged
    WHERE judged.raw_id = same.raw_id
    OFFSET 0
) AS judged
WHERE {of_window}
