-- Remove a batch of Prefect's logs from before the kept period, in Prefect's own database.
DELETE FROM log
WHERE ctid = ANY(ARRAY(SELECT ctid FROM log WHERE timestamp < %(kept_since)s LIMIT %(batch)s))
