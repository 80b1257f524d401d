-- The least that reading a source file can cost: each cell parsed as its type, and counted.
SELECT {counts}
FROM read_csv({file}, columns = {columns}, auto_detect = false, header = true, delim = ',',
              quote = '"', escape = '"')
