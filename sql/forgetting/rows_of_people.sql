-- Count, or delete, the rows with these cells.
{verb} FROM {table} WHERE {column}::text = ANY(%(cells)s::text[])
