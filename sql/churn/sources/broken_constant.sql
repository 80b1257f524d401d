-- Whether a value that a producer's file gives every row breaks a rule of its column.
SELECT coalesce({broken}, false) AS broken
FROM (SELECT *, {value} AS value FROM (SELECT {cell} AS cell))
