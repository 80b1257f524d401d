-- The longest stretch without a payment of which a day is after one day, up to another.
SELECT day_before, day
FROM (
    SELECT paid_on AS day, lag(paid_on) OVER (ORDER BY paid_on) AS day_before
    FROM (SELECT DISTINCT paid_on FROM {payments})
)
WHERE day - 1 > {as_of} AND day_before < {last_day}
ORDER BY day - day_before DESC, day
LIMIT 1
