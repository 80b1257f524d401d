-- Wait for the transactions that read the ledger and store rows, and keep new ones waiting.
LOCK TABLE dqm.bt_forgotten IN ACCESS EXCLUSIVE MODE
