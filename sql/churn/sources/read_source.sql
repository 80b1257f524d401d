-- One source file, in the order of its rows: each column as text without blanks around it
-- (NULL when nothing is left), and as the contract reads it.
SELECT *, {values}
FROM (
    SELECT {cells}
    FROM read_csv({file}, columns = {columns}, auto_detect = false, header = true, delim = ',',
                  quote = '"', escape = '"', nullstr = '', strict_mode = true)
)
