-- So many made-up scores of a day: two in three users are active, segments and cities are uneven.
INSERT INTO prod.bt_churn_scores
    (as_of, user_id, model_version, probability, active, spent_90d, segment, city, reasons)
SELECT %(as_of)s, number, '1', drawn, number %% 3 > 0, number %% 5000 / 7.0,
       'segment ' || floor(sqrt(number %% 64)), 'city ' || floor(sqrt(number %% 4096)),
       ARRAY['payment_recency_days', 'payments_last_30d', 'mau_mp_1']
FROM (
    -- The fractions of multiples of the golden ratio: spread like chance, and the same in each run.
    SELECT number, number * 0.6180339887498949 - floor(number * 0.6180339887498949) AS drawn
    FROM generate_series(1, %(scores)s) AS number
) AS made_up
