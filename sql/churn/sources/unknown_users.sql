-- The number of paying users who are in no file about users, and of their payments.
SELECT count(DISTINCT user_id) AS users, count(*) AS payments
FROM {payments}
WHERE user_id NOT IN (
    SELECT user_id FROM {active_user}
    UNION SELECT user_id FROM {demograficos}
    UNION SELECT user_id FROM {dinero_cuenta}
    UNION SELECT user_id FROM {marketplace_data}
)
