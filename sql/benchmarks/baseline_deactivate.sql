UPDATE benchmark.baseline_events AS live
SET is_active = false, updated_at = now()
WHERE purchase_date BETWEEN %(window_start)s AND %(as_of)s
  AND NOT EXISTS (
    SELECT FROM benchmark.baseline_candidate AS candidate
    WHERE candidate.purchase_date = live.purchase_date
      AND candidate.site_id = live.site_id
      AND candidate.user_id = live.user_id
      AND candidate.crypto_type = live.crypto_type
  )
