INSERT INTO benchmark.baseline_rejects (
    reason, site_id, user_id, purchase_date, crypto_type
)
SELECT 'duplicate', site_id, user_id::text, purchase_date::text, crypto_type
FROM benchmark.baseline_candidate
GROUP BY site_id, user_id, purchase_date, crypto_type
HAVING count(*) > 1
