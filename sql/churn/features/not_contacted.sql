-- Features of the users whom no campaign contacted; who was held out speaks for several.
SELECT features.*, coalesce(campaigns.weight, CAST(1 AS DOUBLE)) AS weight
FROM ({features}) AS features
LEFT JOIN {campaigns} AS campaigns ON campaigns.user_id = features.user_id
WHERE NOT coalesce(campaigns.contacted, false)
