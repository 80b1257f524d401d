MODEL (
  name mesh.crypto_events,
  kind INCREMENTAL_BY_TIME_RANGE (time_column purchase_date, lookback 10),
  start '2025-03-01',
  cron '@daily',
  grain (purchase_date, site_id, user_id, crypto_type),
  audits (
    not_null(columns := (
      purchase_date, site_id, user_id, crypto_type, purchase_price, purchase_units
    )),
    accepted_values(column := site_id, is_in := ('ARGENTINA', 'BRASIL', 'MEXICO')),
    accepted_values(column := crypto_type, is_in := ('BTC', 'ETH', 'USDC')),
    forall(criteria := (user_id > 0, purchase_price > 0, purchase_units > 0)),
    unique_combination_of_columns(columns := (purchase_date, site_id, user_id, crypto_type))
  )
);

WITH forms AS (
  SELECT DISTINCT to_char(day, spelling) AS form
  FROM generate_series(@start_date::timestamp, @end_date::timestamp, interval '1 day') AS day
  CROSS JOIN unnest(
    ARRAY['FMDD/FMMM/YYYY', 'DD/FMMM/YYYY', 'FMDD/MM/YYYY', 'DD/MM/YYYY']
  ) AS spelling
), trimmed AS (
  SELECT
    btrim(history.site_id) AS site_id,
    btrim(history.user_id) AS user_id,
    btrim(history.purchase_date) AS purchase_date,
    btrim(history.crypto_type) AS crypto_type,
    btrim(history.purchase_price) AS purchase_price,
    btrim(history.purchase_units) AS purchase_units
  FROM raw.bt_crypto_transaction_history AS history
  WHERE raw.date_key(history.purchase_date) IN (SELECT form FROM forms)
), parsed AS (
  SELECT
    to_date(purchase_date, 'DD/MM/YYYY') AS purchase_date,
    site_id,
    CASE WHEN user_id ~ '^[0-9]{1,18}$' THEN user_id::bigint END AS user_id,
    crypto_type,
    CASE WHEN purchase_price ~ '^[0-9]+([.][0-9]+)?$' THEN purchase_price::numeric END
      AS purchase_price,
    CASE WHEN purchase_units ~ '^[0-9]+([.][0-9]+)?$' THEN purchase_units::numeric END
      AS purchase_units
  FROM trimmed
)
SELECT
  purchase_date::date AS purchase_date,
  site_id::text AS site_id,
  user_id::bigint AS user_id,
  crypto_type::text AS crypto_type,
  purchase_price::numeric AS purchase_price,
  purchase_units::numeric AS purchase_units,
  (purchase_price * purchase_units)::numeric AS purchase_value
FROM parsed
WHERE purchase_date BETWEEN @start_date AND @end_date
