-- A day of which raw rows were pruned deactivates nothing: what is missing was published and kept.
WITH kept AS (
    DELETE FROM delta
    USING dqm.bt_crypto_events_pruned_days AS pruned
    WHERE delta.operation = 'D'
      AND delta.purchase_date = pruned.day
    RETURNING delta.purchase_date
)
INSERT INTO kept_live (purchase_date)
SELECT purchase_date FROM kept
