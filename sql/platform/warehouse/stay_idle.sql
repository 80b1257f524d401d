-- The transaction holds a lock for as long as a run lasts, and no snapshot: VACUUM goes on beside it.
SET LOCAL idle_in_transaction_session_timeout = 0
