-- Rows that stand in another one leave the candidate, as what they are. So do conflicts, but as rejects, and
-- only if the policy lets the rest go on; otherwise they stay for suite_staging_candidate to find.
UPDATE staging.bt_crypto_events_window AS staged
SET superseded_by = duplicates.kept_id,
    superseded_as = CASE WHEN duplicates.exact THEN duplicates.superseded_as END,
    reasons = CASE WHEN NOT duplicates.exact THEN ARRAY[{reason}] END
FROM duplicates
WHERE staged.raw_id = duplicates.raw_id
  AND (duplicates.exact OR %(conflicts)s)
