-- Whether no other day, and no other statement, had the raw row judged before.
NOT EXISTS (SELECT FROM raw.bt_crypto_judged AS judged WHERE judged.raw_id = history.raw_id)
