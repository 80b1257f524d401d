ALTER TABLE prod.bt_crypto_events ADD CONSTRAINT bt_crypto_events_pkey PRIMARY KEY ({key})
