-- What a column holds, each text once: who is meant is known to the client alone.
SELECT DISTINCT {column}::text AS cell FROM {table} WHERE {column} IS NOT NULL
