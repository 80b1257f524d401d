-- The users of a file who were kept, each with the number of their first row.
SELECT min(numbered.row) AS row, kept.user_id, kept.contacted_on, kept.campaign_group
FROM read_parquet({kept}) AS kept
JOIN ({numbered}) AS numbered ON numbered.user_id = kept.user_id
GROUP BY kept.user_id, kept.contacted_on, kept.campaign_group
ORDER BY row
