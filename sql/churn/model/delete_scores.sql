DELETE FROM prod.bt_churn_scores WHERE as_of = %(as_of)s
