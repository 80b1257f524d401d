"""From a validated candidate to prod.BT_CRYPTO_EVENTS, in one transaction."""
