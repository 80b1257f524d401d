CREATE TEMPORARY TABLE kept ON COMMIT DROP AS
SELECT * FROM raw.bt_crypto_judged
WHERE {of_window}
