-- Release all locks of the connection now: the server notices its end only some time later.
SELECT pg_advisory_unlock_all()
