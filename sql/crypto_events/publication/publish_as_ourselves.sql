-- What this transaction writes into prod is known: no trigger notes it as a change by others.
SELECT set_config('kpi.publishes', 'on', true)
