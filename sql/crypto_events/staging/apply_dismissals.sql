-- Dismissed rows never block a run, however often they are delivered.
UPDATE staging.bt_crypto_events_window AS staged
SET dismissed = true
FROM dismissed
WHERE staged.raw_id = dismissed.raw_id
