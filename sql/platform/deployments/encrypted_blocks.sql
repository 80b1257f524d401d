-- What Prefect keeps of each block: one encrypted text.
SELECT block_document.id, block_type.slug || '/' || block_document.name AS name, data #>> '{}' AS data
FROM block_document
JOIN block_type ON block_type.id = block_type_id
WHERE jsonb_typeof(data) = 'string'
ORDER BY block_document.name
FOR UPDATE OF block_document
