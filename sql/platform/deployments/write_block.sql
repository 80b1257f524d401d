UPDATE block_document
SET data = to_jsonb(%(data)s::text)
WHERE id = %(id)s
