-- One source file as its producer writes it, in row order, for what read_source.sql is for the
-- contract's own form. Each column of the contract has its field, wherever it stands in the file.
SELECT *, {values}
FROM (
    SELECT *, {cells}
    FROM (
        SELECT {row} {fields}, {decides} AS cell_kept_or_left_out, NULL AS kept_or_left_out,
               {last_field} IS NULL AS has_fewer_fields,
               {field_beyond} IS NOT NULL AS has_more_fields
        FROM read_csv({file}, columns = {columns}, auto_detect = false, header = true,
                      delim = {delimiter}, quote = {quote}, escape = {quote}, nullstr = chr(30),
                      null_padding = true, parallel = true, strict_mode = true)
    )
    WHERE {counts}
)
