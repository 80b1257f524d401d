-- Rows that no longer stand in another one, or were staged as something else.
DELETE FROM dqm.bt_crypto_events_superseded AS known
USING staging.bt_crypto_events_window AS staged
WHERE known.superseded_as <> 'repetition'
  AND known.raw_id = staged.raw_id
  AND (staged.superseded_by IS NULL OR staged.reasons IS NOT NULL OR staged.dismissed)
