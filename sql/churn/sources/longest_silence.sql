-- The longest stretch without a payment that ends after a day: the days with payments around it.
SELECT day_before, day
FROM (
    SELECT paid_on AS day, lag(paid_on) OVER (ORDER BY paid_on) AS day_before
    FROM (SELECT DISTINCT paid_on FROM {payments} WHERE paid_on <= {last_day})
)
WHERE day > {since} AND day_before IS NOT NULL
ORDER BY day - day_before DESC, day
LIMIT 1
