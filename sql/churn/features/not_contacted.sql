-- Features of the users whom nobody contacted in the label window.
SELECT * FROM ({features}) AS features WHERE user_id NOT IN (SELECT user_id FROM {contacted})
