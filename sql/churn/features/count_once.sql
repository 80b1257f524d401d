-- Features of users each of whom counts once.
SELECT *, CAST(1 AS DOUBLE) AS weight FROM ({features}) AS features
