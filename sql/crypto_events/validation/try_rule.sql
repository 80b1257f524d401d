-- Fails when a rule is no condition about judged rows, or its pattern none; reads no row. The rule comes
-- first, so that PostgreSQL plans it.
SELECT '' ~ {pattern}
WHERE EXISTS (SELECT FROM raw.bt_crypto_judged WHERE (({holds}) IS NOT FALSE) AND false)
