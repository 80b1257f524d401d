-- Which raw rows may belong to the days: those that arrived then, and those with their dates. Most rows
-- arrive on their days, and a time is compared faster than a text.
(arrived_at >= {arrived_from} AND arrived_at < {arrived_before})
OR raw.date_key(purchase_date) = ANY({dates})
