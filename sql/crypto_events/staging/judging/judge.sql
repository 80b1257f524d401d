-- One pass over raw rows that are not judged yet: trim, parse, check.
--
-- OFFSET 0 keeps the planner from computing a cell again for every rule that uses it. A number or a date
-- without blanks around it is read as it is: they are looked for in what cannot be read.
INSERT INTO raw.bt_crypto_judged (
    raw_id, user_id, purchase_date, latest_date, site_id, crypto_type,
    purchase_price, purchase_units,
    unreadable_user_id, unreadable_purchase_date,
    unreadable_purchase_price, unreadable_purchase_units, reasons
)
SELECT raw_id, user_id, purchase_date, latest_date, site_id, crypto_type,
    purchase_price, purchase_units,
    unreadable_user_id, unreadable_purchase_date,
    unreadable_purchase_price, unreadable_purchase_units,
    CASE WHEN NOT (
        {every_rule_holds}
    ) THEN array_remove(ARRAY[
        {broken_rules}
    ], NULL) END
FROM (
    SELECT raw_id, user_id, purchase_date, latest_date, site_id, crypto_type,
        purchase_price, purchase_units,
        CASE WHEN user_id IS NULL THEN coalesce(raw.trimmed(user_id_text), '') END
            AS unreadable_user_id,
        CASE WHEN purchase_date IS NULL THEN coalesce(raw.trimmed(purchase_date_text), '') END
            AS unreadable_purchase_date,
        CASE WHEN purchase_price IS NULL THEN coalesce(raw.trimmed(purchase_price_text), '') END
            AS unreadable_purchase_price,
        CASE WHEN purchase_units IS NULL THEN coalesce(raw.trimmed(purchase_units_text), '') END
            AS unreadable_purchase_units
    FROM (
        SELECT cells.*,
            coalesce(
                window_day.day,
                (SELECT day FROM dqm.calendar WHERE form = raw.trimmed(purchase_date_text))
            ) AS purchase_date,
            coalesce(
                raw.to_bigint(user_id_text, {number_max_length}),
                raw.to_bigint(raw.trimmed(user_id_text), {number_max_length})
            ) AS user_id,
            coalesce(
                raw.to_number(purchase_price_text, {number_max_length}),
                raw.to_number(raw.trimmed(purchase_price_text), {number_max_length})
            ) AS purchase_price,
            coalesce(
                raw.to_number(purchase_units_text, {number_max_length}),
                raw.to_number(raw.trimmed(purchase_units_text), {number_max_length})
            ) AS purchase_units
        FROM (
            SELECT raw_id,
                (arrived_at AT TIME ZONE {time_zone})::date + 1 AS latest_date,
                nullif(raw.trimmed(site_id), '') AS site_id,
                user_id AS user_id_text,
                purchase_date AS purchase_date_text,
                nullif(raw.trimmed(crypto_type), '') AS crypto_type,
                purchase_price AS purchase_price_text,
                purchase_units AS purchase_units_text
            FROM raw.bt_crypto_transaction_history AS history
            WHERE {unjudged}
            OFFSET 0
        ) AS cells
        -- The window has few forms; only dates that match none are looked up in the full calendar.
        LEFT JOIN (
            SELECT form, day FROM dqm.calendar WHERE form = ANY({window_dates})
        ) AS window_day ON window_day.form = cells.purchase_date_text
        OFFSET 0
    ) AS parsed
    WHERE {needed}
) AS judged
{in_order}
