SELECT purchase_date AS day,
    count(*) FILTER (WHERE operation = 'I') AS inserted,
    count(*) FILTER (WHERE operation = 'U') AS updated,
    count(*) FILTER (WHERE operation = 'R') AS reactivated,
    count(*) FILTER (WHERE operation = 'D') AS deactivated
FROM delta
GROUP BY purchase_date
ORDER BY purchase_date
