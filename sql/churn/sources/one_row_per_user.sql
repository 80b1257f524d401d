-- Each user's first row, in the order of the file.
SELECT * EXCLUDE (file_row_number)
FROM read_parquet({file}, file_row_number = true)
QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY file_row_number) = 1
ORDER BY file_row_number
