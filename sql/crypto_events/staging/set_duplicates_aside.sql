-- Exact duplicates collapse to the newest row. So do conflicts, but as rejects, and only if the
-- policy lets the rest go on; otherwise they stay for suite_staging_candidate to find.
UPDATE staging.bt_crypto_events_window AS staged
SET superseded_by = duplicates.kept_id,
    reasons = CASE WHEN NOT duplicates.exact THEN ARRAY[{reason}] END
FROM duplicates
WHERE staged.raw_id = duplicates.raw_id
  AND (duplicates.exact OR %(conflicts)s)
