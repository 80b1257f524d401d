SELECT * FROM dqm.bt_churn_campaign_outcomes WHERE run_id = %(run_id)s ORDER BY as_of, model_version
