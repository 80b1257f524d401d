-- When somebody last delivered crypto events.
SELECT max(delivered_at) AS last_delivery FROM raw.deliveries
