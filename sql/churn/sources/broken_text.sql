-- Whether a text breaks a rule of its column.
SELECT coalesce({broken}, false) AS broken
FROM (SELECT *, {value} AS value FROM (SELECT {cell} AS cell))
