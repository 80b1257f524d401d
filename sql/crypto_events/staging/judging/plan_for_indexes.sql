-- A million rows are sorted for an index in the memory that a sort has: PostgreSQL's own 64 MB for indexes would
-- sort them on disk. A server that allows more keeps that.
SELECT set_config(
    'maintenance_work_mem',
    greatest(
        pg_size_bytes(current_setting('maintenance_work_mem')), pg_size_bytes(current_setting('work_mem'))
    ) / 1024 || 'kB',
    true
)
