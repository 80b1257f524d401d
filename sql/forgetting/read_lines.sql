SELECT line_id, person, key_id, action, why, decided_by, decided_at, finished_at, places
FROM dqm.bt_forgotten
