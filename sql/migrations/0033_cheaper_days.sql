-- A day costs what changed in it: published rows are found by day and user, and no log is written of what can be
-- made again. Runs on PostgreSQL 15 to 18.

-- What a run looks at again are users of a day. So the index of the key has these first, whatever the key is.
DO $$ BEGIN
    EXECUTE (
        SELECT format(
            'ALTER TABLE prod.bt_crypto_events DROP CONSTRAINT bt_crypto_events_pkey, '
            'ADD CONSTRAINT bt_crypto_events_pkey PRIMARY KEY (%s)',
            string_agg(quote_ident(attname), ', ' ORDER BY array_position(
                ARRAY[
                    'purchase_date', 'user_id', 'site_id', 'crypto_type', 'purchase_price', 'purchase_units'
                ],
                attname::text
            ))
        )
        FROM pg_index
        JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
        WHERE indrelid = 'prod.bt_crypto_events'::regclass AND indisprimary
    );
END $$;

-- The days of a delivery are those of which the triggers counted rows.
COMMENT ON TABLE raw.bt_crypto_raw_counts IS
'How many raw rows have a text as their date: the sum of its lines; triggers write them, whoever stores, changes or deletes raw rows
Written by: generate_fake_history_last_5_days, build_events_candidate, prune_warehouse, kpi ingest, kpi rejects correct, kpi forget
Read by: build_events_candidate, kpi ingest, kpi plan';

-- What was judged can be judged again, so no log is written of it. After a crash of the server both tables are
-- empty: no day is judged, and the next run judges its window anew. None may outlive the other.
ALTER TABLE raw.bt_crypto_judged SET UNLOGGED;
ALTER TABLE raw.bt_crypto_judged_days SET UNLOGGED;
