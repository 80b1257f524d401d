-- What this transaction writes into prod is known: no trigger notes it as a change by others. How many rows
-- it changed is told when it commits, for whoever decides then whether to analyze.
SELECT set_config('kpi.publishes', 'on', true), pg_stat_force_next_flush()
