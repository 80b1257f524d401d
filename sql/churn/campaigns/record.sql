INSERT INTO dqm.bt_churn_campaign_outcomes (
    as_of, model_version, last_day, contacted, contacted_churned, control, control_churned,
    difference, difference_low, difference_high, run_id
)
VALUES (
    %(as_of)s, %(model_version)s, %(last_day)s, %(contacted)s, %(contacted_churned)s, %(control)s,
    %(control_churned)s, %(difference)s, %(difference_low)s, %(difference_high)s, %(run_id)s
)
ON CONFLICT (as_of, model_version) DO UPDATE
SET contacted = excluded.contacted, contacted_churned = excluded.contacted_churned,
    control = excluded.control, control_churned = excluded.control_churned,
    difference = excluded.difference, difference_low = excluded.difference_low,
    difference_high = excluded.difference_high, run_id = excluded.run_id, measured_at = now()
