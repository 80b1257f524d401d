-- The rows of a source file, converted by the contract; raises at the first that breaks it.
SELECT {values}
FROM ({source})
WHERE CASE WHEN {broken} THEN error('broken contract') ELSE true END
