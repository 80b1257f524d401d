-- A row belongs to the window by its own date, or, when that is unreadable or in the future, by its day
-- of arrival.
purchase_date BETWEEN {window_start} AND {as_of}
OR (
    (purchase_date IS NULL OR purchase_date > latest_date)
    AND latest_date - 1 BETWEEN {window_start} AND {as_of}
)
