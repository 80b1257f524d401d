-- Takes the index of each partition along, and keeps readers out until the transaction ends.
ALTER TABLE prod.bt_crypto_events DROP CONSTRAINT bt_crypto_events_pkey
