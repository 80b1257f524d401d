-- Payments in all and in the label window; who made the latter, and whom of them features describe;
-- the last payment before the window.
SELECT count(*),
       count(*) FILTER (WHERE {in_window}),
       count(DISTINCT user_id) FILTER (WHERE {in_window}),
       count(DISTINCT user_id) FILTER (
           WHERE {in_window} AND user_id IN (SELECT user_id FROM {users})
       ),
       max(paid_on) FILTER (WHERE paid_on <= {cutoff})
FROM {payments}
