-- One pass over raw rows that are not judged yet: trim, parse, check.
--
-- OFFSET 0 keeps the planner from computing a cell again for every rule that uses it. A cell as most are is read
-- as it is: a known site or crypto, a date without blanks, digits with a point between them at most. These are told
-- by their bytes, which costs half of a regular expression. Blanks and signs are looked for in the others.
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
            CASE
                WHEN octet_length(user_id_text) BETWEEN 1 AND least({number_max_length}, 18)
                    AND ltrim(textsend(user_id_text), '0123456789'::bytea) = ''
                THEN user_id_text::bigint
                ELSE coalesce(
                    raw.to_bigint(user_id_text, {number_max_length}),
                    raw.to_bigint(raw.trimmed(user_id_text), {number_max_length})
                )
            END AS user_id,
            CASE
                WHEN octet_length(purchase_price_text) BETWEEN 1 AND {number_max_length}
                    AND btrim(textsend(purchase_price_text), '0123456789'::bytea) IN ('', '.')
                    AND purchase_price_text NOT LIKE '.%' AND purchase_price_text NOT LIKE '%.'
                THEN purchase_price_text::numeric
                ELSE coalesce(
                    raw.to_number(purchase_price_text, {number_max_length}),
                    raw.to_number(raw.trimmed(purchase_price_text), {number_max_length})
                )
            END AS purchase_price,
            CASE
                WHEN octet_length(purchase_units_text) BETWEEN 1 AND {number_max_length}
                    AND btrim(textsend(purchase_units_text), '0123456789'::bytea) IN ('', '.')
                    AND purchase_units_text NOT LIKE '.%' AND purchase_units_text NOT LIKE '%.'
                THEN purchase_units_text::numeric
                ELSE coalesce(
                    raw.to_number(purchase_units_text, {number_max_length}),
                    raw.to_number(raw.trimmed(purchase_units_text), {number_max_length})
                )
            END AS purchase_units
        FROM (
            SELECT raw_id,
                (arrived_at AT TIME ZONE {time_zone})::date + 1 AS latest_date,
                CASE
                    WHEN site_id = ANY({sites}) THEN site_id ELSE nullif(raw.trimmed(site_id), '')
                END AS site_id,
                user_id AS user_id_text,
                purchase_date AS purchase_date_text,
                CASE
                    WHEN crypto_type = ANY({crypto_types}) THEN crypto_type
                    ELSE nullif(raw.trimmed(crypto_type), '')
                END AS crypto_type,
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
