-- The days that payments reach from and to.
SELECT min(paid_on) AS first_day, max(paid_on) AS last_day FROM {payments}
