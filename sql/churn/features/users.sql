-- The features of each user as of the cutoff, for DuckDB and for Spark.
-- Payments later than the cutoff are filtered out before anything else sees them.
WITH known_payments AS (
    SELECT user_id, spent, segment, discount,
           unix_date({cutoff}) - unix_date(paid_on) AS days_ago
    FROM {payments}
    WHERE paid_on <= {cutoff} AND unix_date({cutoff}) - unix_date(paid_on) < {lookback_days}
),
payment_features AS (
    SELECT user_id, {payment_features}
    FROM known_payments
    GROUP BY user_id
),
users AS (
    SELECT *
    FROM {active_user} AS active_user
    FULL JOIN {demograficos} AS demograficos USING (user_id)
    FULL JOIN {dinero_cuenta} AS dinero_cuenta USING (user_id)
    FULL JOIN {marketplace_data} AS marketplace_data USING (user_id)
)
SELECT user_id, {features}
FROM users
LEFT JOIN payment_features USING (user_id)
