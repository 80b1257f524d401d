-- The first and last day with payments.
SELECT min(paid_on) AS first_day, max(paid_on) AS last_day FROM {payments}
