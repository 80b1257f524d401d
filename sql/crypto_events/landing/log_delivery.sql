INSERT INTO raw.deliveries (
    source_name, mode, rows_loaded, rows_replaced, producer, rows_left_out
)
VALUES (
    %(source_name)s, %(mode)s, %(rows_loaded)s, %(rows_replaced)s, %(producer)s, %(rows_left_out)s
)
