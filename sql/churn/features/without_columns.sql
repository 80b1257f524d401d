(-- A file that is newer than the cutoff: its columns are unknown, and so are the users of whom
 -- nothing else was known by then.
 SELECT {columns}
 FROM {rows}
 WHERE user_id IN (SELECT user_id FROM {payments} WHERE paid_on <= {cutoff}))
