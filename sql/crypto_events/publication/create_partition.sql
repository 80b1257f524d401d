-- Each page keeps room for later versions of its rows, which need no line in the index then.
CREATE TABLE IF NOT EXISTS {partition} PARTITION OF prod.bt_crypto_events
FOR VALUES FROM ({first_day}) TO ({first_day_of_next_month})
WITH (fillfactor = 90)
