CREATE TABLE IF NOT EXISTS {partition} PARTITION OF prod.bt_churn_scores
FOR VALUES FROM ({first_day}) TO ({first_day_of_next_month})
