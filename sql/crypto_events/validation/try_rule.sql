-- Fails when a rule is no condition about judged rows, or its pattern none; reads no row.
SELECT '' ~ {pattern}
WHERE EXISTS (SELECT FROM raw.bt_crypto_judged WHERE false AND (({holds}) IS NOT FALSE))
