-- Except where rows stay live although they are missing, or are in conflict: the next run decides again. Without
-- a rejected row there is no conflict, and no staged row is read.
INSERT INTO raw.bt_crypto_touched (purchase_date, user_id)
SELECT purchase_date, user_id FROM kept_live
UNION
SELECT purchase_date, user_id
FROM staging.bt_crypto_events_window
WHERE (SELECT rejected_rows > 0 FROM dqm.bt_crypto_events_runs WHERE run_id = {run_id})
  AND reasons = ARRAY[{reason}]
