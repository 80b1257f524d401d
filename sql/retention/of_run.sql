-- What a run removed, or would have removed, by place.
SELECT place, kept_from, rows, files, bytes, mode
FROM dqm.prunings
WHERE run_id = %(run_id)s
ORDER BY place
