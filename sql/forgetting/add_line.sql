INSERT INTO dqm.bt_forgotten (
    line_id, person, key_id, action, why, decided_by, decided_at, finished_at, places
)
VALUES (
    %(line_id)s, %(person)s, %(key_id)s, %(action)s, %(why)s, %(decided_by)s, %(decided_at)s,
    %(finished_at)s, %(places)s
)
ON CONFLICT (line_id) DO NOTHING
