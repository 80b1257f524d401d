-- Who the rows of a source file are about, and whom they name.
SELECT {ids} FROM ({source})
