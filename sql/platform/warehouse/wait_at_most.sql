-- How long the transaction waits for a lock, from now on.
SET LOCAL lock_timeout = {at_most}
