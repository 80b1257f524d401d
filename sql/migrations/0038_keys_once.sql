-- A run asks four times which keys it looks at: each is one row now, in order, and names its lines.
ALTER TABLE staging.bt_crypto_events_keys ADD COLUMN touch_ids bigint[] NOT NULL DEFAULT '{}';
WITH line AS (
    DELETE FROM staging.bt_crypto_events_keys RETURNING touch_id, purchase_date, user_id, verifies
)
INSERT INTO staging.bt_crypto_events_keys (purchase_date, user_id, verifies, touch_ids)
SELECT purchase_date, user_id, bool_and(verifies), array_remove(array_agg(touch_id), NULL)
FROM line
GROUP BY purchase_date, user_id;
ALTER TABLE staging.bt_crypto_events_keys
    ALTER COLUMN touch_ids DROP DEFAULT,
    DROP COLUMN touch_id;

COMMENT ON TABLE staging.bt_crypto_events_keys IS
'Days and users that the current run looks at again, each once; of others, only bad rows are staged
Written by: build_events_candidate, kpi plan, kpi forget
Read by: build_events_candidate, ge_validate_candidate, merge_to_prod, kpi plan, kpi forget';
COMMENT ON COLUMN staging.bt_crypto_events_keys.touch_ids IS
    'Lines of raw.bt_crypto_touched that are settled when the run publishes; none for other causes';

-- Whose rows arrived late is asked of the texts that were counted, which takes no look-up for each.
COMMENT ON TABLE raw.bt_crypto_raw_counts IS
'How many raw rows have a text as their date: the sum of its lines; triggers write them, whoever stores, changes or deletes raw rows
Written by: generate_fake_history_last_5_days, build_events_candidate, prune_warehouse, kpi ingest, kpi rejects correct, kpi forget
Read by: build_events_candidate, notify_success, kpi ingest, kpi plan';
COMMENT ON VIEW raw.bt_crypto_date_texts IS
'Each text that raw rows have as their date, found with one index look-up for a text: the cost does not grow with the rows
Read by: kpi ingest, prune_warehouse';
