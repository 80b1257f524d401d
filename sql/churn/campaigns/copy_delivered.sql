COPY delivered (user_id, contacted_on, campaign_group) FROM STDIN
