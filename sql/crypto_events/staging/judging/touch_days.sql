-- Whole days that were judged just now may differ from what was published.
INSERT INTO raw.bt_crypto_touched (purchase_date, verifies)
SELECT unnest(%(days)s::date[]), %(verifies)s
