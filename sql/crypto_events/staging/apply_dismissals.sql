-- Dismissed rows never block a run, however often they are delivered.
UPDATE staging.bt_crypto_events_window AS staged
SET dismissed = true
FROM dqm.bt_crypto_events_dismissals AS dismissal
JOIN raw.bt_crypto_transaction_history AS history
  ON raw.date_key(history.purchase_date) = raw.date_key(dismissal.purchase_date)
 AND (history.site_id, history.user_id, history.purchase_date,
      history.crypto_type, history.purchase_price, history.purchase_units)
     IS NOT DISTINCT FROM
     (dismissal.site_id, dismissal.user_id, dismissal.purchase_date,
      dismissal.crypto_type, dismissal.purchase_price, dismissal.purchase_units)
WHERE staged.raw_id = history.raw_id
