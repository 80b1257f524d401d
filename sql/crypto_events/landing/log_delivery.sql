INSERT INTO raw.deliveries (source_name, mode, rows_loaded, rows_replaced)
VALUES (%(source_name)s, %(mode)s, %(rows_loaded)s, %(rows_replaced)s)
