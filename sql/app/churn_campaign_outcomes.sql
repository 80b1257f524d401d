-- What campaigns changed, the latest first.
SELECT as_of, model_version, contacted, contacted_churned, control, control_churned, difference,
       difference_low, difference_high
FROM dqm.bt_churn_campaign_outcomes
ORDER BY as_of DESC, model_version
LIMIT %(limit)s
