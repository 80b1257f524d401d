DELETE FROM {table} WHERE {column}::text = ANY(%(cells)s::text[])
