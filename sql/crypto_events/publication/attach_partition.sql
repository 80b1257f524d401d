-- Builds the index of the table's key, and checks that each row is of the month. Readers go on.
ALTER TABLE prod.bt_crypto_events ATTACH PARTITION {partition}
FOR VALUES FROM ({first_day}) TO ({first_day_of_next_month})
