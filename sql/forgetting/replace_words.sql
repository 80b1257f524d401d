-- As text, since JSON cannot be compared.
UPDATE {table} SET {column} = %(after)s WHERE {column}::text = %(before)s
