-- Features of the users who had paid by the cutoff.
SELECT *
FROM ({features}) AS features
WHERE user_id IN (SELECT user_id FROM {payments} WHERE paid_on <= {cutoff})
