-- One source file, in row order: each field as it stands (c0, c1, …), each column as trimmed text
-- (NULL if it says nothing), and as converted by the contract. A field that is not there is NULL,
-- an empty one is not: a row with more fields than the header, or fewer, would shift its values.
SELECT *, {values}
FROM (
    SELECT *, {last_field} IS NULL AS has_fewer_fields, {field_beyond} IS NOT NULL AS has_more_fields,
           {cells}
    FROM read_csv({file}, columns = {columns}, auto_detect = false, header = true, delim = ',',
                  quote = '"', escape = '"', nullstr = chr(30), null_padding = true,
                  parallel = true, strict_mode = true)
)
