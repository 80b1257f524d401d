-- A row belongs to a day by its own date. A row whose date is unreadable or in the future belongs to
-- the day on which it arrived; where its own day is judged already, it is judged, counted and touched with
-- what came for that day.
purchase_date = ANY({days})
OR purchase_date IS NULL
OR (
    purchase_date > latest_date
    AND NOT EXISTS (SELECT FROM raw.bt_crypto_judged_days WHERE day = purchase_date)
)
