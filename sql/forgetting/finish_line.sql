UPDATE dqm.bt_forgotten
SET finished_at = %(finished_at)s, places = %(places)s
WHERE line_id = %(line_id)s
