DELETE FROM prod.bt_churn_scored_groups WHERE as_of = %(as_of)s
