-- Add to what the run removed from a place, or count a dry run anew.
INSERT INTO dqm.prunings AS known (run_id, place, mode, as_of, kept_from, rows, files, bytes)
VALUES (%(run_id)s, %(place)s, %(mode)s, %(as_of)s, %(kept_from)s, %(rows)s, %(files)s, %(bytes)s)
ON CONFLICT (run_id, place) DO UPDATE
SET rows = excluded.rows + CASE known.mode WHEN 'prune' THEN known.rows ELSE 0 END,
    files = excluded.files + CASE known.mode WHEN 'prune' THEN known.files ELSE 0 END,
    bytes = excluded.bytes + CASE known.mode WHEN 'prune' THEN known.bytes ELSE 0 END,
    pruned_at = now()
