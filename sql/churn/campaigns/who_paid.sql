-- Users who paid after one day up to another.
SELECT DISTINCT user_id FROM {payments} WHERE paid_on > {as_of} AND paid_on <= {last_day}
