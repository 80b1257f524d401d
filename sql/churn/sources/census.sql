-- What a source file's cells say, counted before they are judged.
SELECT {counts} FROM ({source})
