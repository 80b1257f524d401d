-- A merge join would have to sort both sides, because the rows are unordered. And what is updated is looked up
-- key by key where that reads less than the window: by default PostgreSQL takes a disk for one that turns.
SELECT set_config('enable_mergejoin', 'off', true), set_config('random_page_cost', '1.1', true)
