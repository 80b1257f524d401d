-- Stretches of more than so many days without a payment, of which a day is after one day, up to another:
-- the last payment before each, and the first after it. The longest first.
SELECT day_before, day
FROM (
    SELECT paid_on AS day, lag(paid_on) OVER (ORDER BY paid_on) AS day_before
    FROM (SELECT DISTINCT paid_on FROM {payments})
)
WHERE day - day_before - 1 > {days} AND day - 1 > {since} AND day_before < {last_day}
ORDER BY day - day_before DESC, day
