-- A partition to be, as a table by itself. Each page keeps room for later versions of its rows, which need no
-- line in the index then.
CREATE TABLE {partition} (LIKE prod.bt_crypto_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
WITH (fillfactor = 90)
