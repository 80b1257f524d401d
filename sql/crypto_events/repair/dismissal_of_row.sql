-- Whether the content of a raw row was dismissed permanently.
SELECT dismissal.dismissed_by, dismissal.why
FROM raw.bt_crypto_transaction_history AS history
JOIN dqm.bt_crypto_events_dismissals AS dismissal
  ON dismissal.content_md5 = md5(ROW(history.site_id, history.user_id, history.purchase_date,
      history.crypto_type, history.purchase_price, history.purchase_units)::text)
WHERE history.raw_id = %(raw_id)s
