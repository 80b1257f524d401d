INSERT INTO raw.bt_crypto_judged_days (day) SELECT unnest(%(days)s::date[])
