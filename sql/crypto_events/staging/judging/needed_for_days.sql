-- A row belongs to a day by its own date. A row whose date is unreadable or in the future belongs to
-- the day on which it arrived.
purchase_date = ANY({days})
OR purchase_date IS NULL
OR purchase_date > latest_date
