-- Until the savepoint ends.
SELECT set_config('statement_timeout', %(milliseconds)s, true)
