-- End each lock of the connection now: the server notices some time later that it has ended.
SELECT pg_advisory_unlock_all()
