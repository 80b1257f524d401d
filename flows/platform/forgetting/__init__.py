"""Who was forgotten: a ledger of keyed hashes, and whether a user id is one of theirs."""
