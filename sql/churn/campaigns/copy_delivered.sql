COPY delivered (row_number, user_id, contacted_on, campaign_group) FROM STDIN
