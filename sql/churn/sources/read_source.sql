-- One source file, in row order: each column as trimmed text (NULL if empty), and as converted by
-- the contract.
SELECT *, {values}
FROM (
    SELECT {cells}
    FROM read_csv({file}, columns = {columns}, auto_detect = false, header = true, delim = ',',
                  quote = '"', escape = '"', nullstr = '', strict_mode = true)
)
