-- A merge join would have to sort both sides, because the rows are unordered. And what is updated is looked up
-- key by key where that reads less than the window: by default PostgreSQL takes a disk for one that turns. The
-- index of a partition that is added is sorted in memory, as any sort.
SELECT set_config('enable_mergejoin', 'off', true), set_config('random_page_cost', '1.1', true),
    set_config(
        'maintenance_work_mem',
        greatest(
            pg_size_bytes(current_setting('maintenance_work_mem')), pg_size_bytes(current_setting('work_mem'))
        ) / 1024 || 'kB',
        true
    )
