-- What decides whether the warehouse is usable, and whether our settings reached it.
SELECT
    current_setting('server_version_num')::int / 10000 AS version,
    current_setting('server_encoding') AS encoding,
    current_setting('transaction_read_only')::boolean AS read_only,
    pg_is_in_recovery() AS standby,
    current_setting('client_connection_check_interval') <> '0' AS has_our_settings,
    current_database() AS database,
    current_user AS role,
    clock_timestamp() AS now
