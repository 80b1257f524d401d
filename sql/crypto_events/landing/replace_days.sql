-- Archive the rows that a delivery replaces, and close the rejects of the archived rows.
-- The delivery's own rows are already stored: they are those of this transaction.
--
-- Both kinds of rows are found through the index on the date text, so a day costs the same however
-- long the history is.
WITH dated AS (
    DELETE FROM raw.bt_crypto_transaction_history
    WHERE raw.date_key(purchase_date) = ANY({delivered_dates})
      AND xmin <> pg_current_xact_id()::xid
    RETURNING *
),
undated AS (
    DELETE FROM raw.bt_crypto_transaction_history
    WHERE source_name = %(source_name)s
      AND xmin <> pg_current_xact_id()::xid
      AND raw.date_key(purchase_date) = ANY(ARRAY(
          SELECT form FROM raw.bt_crypto_date_texts AS known
          WHERE NOT EXISTS (SELECT FROM dqm.calendar WHERE calendar.form = known.form)
      ))
    RETURNING *
),
archived AS (
    INSERT INTO raw.bt_crypto_transaction_history_replaced (
        raw_id, site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units,
        source_name, source_row_number, arrived_at, producer, delivered, replaced_by
    )
    SELECT raw_id, site_id, user_id, purchase_date, crypto_type, purchase_price, purchase_units,
        source_name, source_row_number, arrived_at, producer, delivered, %(source_name)s
    FROM (SELECT * FROM dated UNION ALL SELECT * FROM undated) AS replaced
    RETURNING raw_id
),
resolved AS (
    UPDATE dqm.bt_crypto_events_rejects AS rejects
    SET resolved_at = now(), resolution = 'replaced by ' || %(source_name)s
    FROM archived
    WHERE rejects.raw_id = archived.raw_id AND rejects.resolved_at IS NULL
)
SELECT count(*) AS rows_replaced FROM archived
