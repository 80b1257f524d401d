UPDATE {table} SET {column} = %(after)s WHERE {column} = %(before)s
