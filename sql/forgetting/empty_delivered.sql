-- Empty the cells, as they arrived, that mean somebody in rows of others.
UPDATE {table}
SET delivered = (
    SELECT jsonb_object_agg(
        held.key, CASE WHEN held.value = ANY(%(cells)s::text[]) THEN '' ELSE held.value END
    )
    FROM jsonb_each_text(delivered) AS held
)
WHERE EXISTS (
    SELECT FROM jsonb_each_text(delivered) AS held WHERE held.value = ANY(%(cells)s::text[])
)
