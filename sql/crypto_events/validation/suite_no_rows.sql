-- Returns a row only when something is wrong; Great Expectations fills in the table. Rows that nothing
-- touched since they were published are not in it.
SELECT 0 AS raw_rows
WHERE NOT EXISTS (SELECT FROM {batch})
  AND NOT EXISTS (SELECT FROM staging.bt_crypto_events_days WHERE vouched_rows > 0)
