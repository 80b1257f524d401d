INSERT INTO raw.bt_crypto_judged_contract (fingerprint)
VALUES (%(fingerprint)s)
ON CONFLICT (only_row) DO UPDATE
SET fingerprint = excluded.fingerprint, generation = DEFAULT
