-- Each index of the judged rows: what drops it, and what makes it again as it was.
SELECT
    CASE
        WHEN kept.oid IS NULL THEN format('DROP INDEX %s', indexrelid::regclass)
        ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', indrelid::regclass, kept.conname)
    END AS drop,
    CASE
        WHEN kept.oid IS NULL THEN pg_get_indexdef(indexrelid)
        ELSE format(
            'ALTER TABLE %s ADD CONSTRAINT %I %s',
            indrelid::regclass, kept.conname, pg_get_constraintdef(kept.oid)
        )
    END AS create
FROM pg_index
LEFT JOIN pg_constraint AS kept ON kept.conindid = indexrelid AND kept.conrelid = indrelid
WHERE indrelid = 'raw.bt_crypto_judged'::regclass
ORDER BY indexrelid
