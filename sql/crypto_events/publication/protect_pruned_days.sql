-- A day of which raw rows were pruned deactivates nothing: what is missing was published and kept.
DELETE FROM delta
USING dqm.bt_crypto_events_pruned_days AS pruned
WHERE delta.operation = 'D'
  AND delta.purchase_date = pruned.day
