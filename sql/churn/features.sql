-- The features of each user as of the cutoff, for DuckDB and for Spark.
-- Payments later than the cutoff are filtered out before anything else sees them.
WITH known_payments AS (
    SELECT user_id, seller_id, spent, segment, discount,
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
    SELECT user_id FROM {active_user}
    UNION SELECT user_id FROM {demograficos}
    UNION SELECT user_id FROM {dinero_cuenta}
    UNION SELECT user_id FROM {marketplace_data}
)
SELECT users.user_id, {features}
FROM users
LEFT JOIN payment_features ON payment_features.user_id = users.user_id
LEFT JOIN {active_user} AS active_user ON active_user.user_id = users.user_id
LEFT JOIN {demograficos} AS demograficos ON demograficos.user_id = users.user_id
LEFT JOIN {dinero_cuenta} AS dinero_cuenta ON dinero_cuenta.user_id = users.user_id
LEFT JOIN {marketplace_data} AS marketplace_data ON marketplace_data.user_id = users.user_id
