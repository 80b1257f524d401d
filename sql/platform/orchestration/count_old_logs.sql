-- Count the lines of Prefect's logs from before the kept period, in Prefect's own database.
SELECT count(*) AS rows FROM log WHERE timestamp < %(kept_since)s
