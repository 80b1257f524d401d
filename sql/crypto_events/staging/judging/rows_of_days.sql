-- Which raw rows may belong to the days: those with their dates, and those that arrived then.
raw.date_key(purchase_date) = ANY({dates})
OR (arrived_at >= {arrived_from} AND arrived_at < {arrived_before})
