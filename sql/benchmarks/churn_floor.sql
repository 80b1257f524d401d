-- The minimum cost of reading a source file: each cell parsed as its type, and counted.
SELECT {counts}
FROM read_csv({file}, columns = {columns}, auto_detect = false, header = true, delim = ',',
              quote = '"', escape = '"')
