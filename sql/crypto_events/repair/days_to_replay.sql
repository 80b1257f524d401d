-- The days to run again for open rejects, and for corrected copies that no run has published
-- since: the row's own date, or its day of arrival.
SELECT DISTINCT day
FROM (
    SELECT undecided.*,
        CASE WHEN calendar.day <= arrived_on + 1 THEN calendar.day ELSE arrived_on END AS day
    FROM (
        SELECT purchase_date, arrived_at, false AS is_copy,
            (arrived_at AT TIME ZONE %(time_zone)s)::date AS arrived_on
        FROM dqm.bt_crypto_events_rejects
        WHERE resolved_at IS NULL
        UNION ALL
        -- A copy arrives in the transaction that closes the reject.
        SELECT copy.purchase_date, copy.arrived_at, true,
            (copy.arrived_at AT TIME ZONE %(time_zone)s)::date
        FROM dqm.bt_crypto_events_rejects AS reject
        JOIN raw.bt_crypto_transaction_history AS copy
          ON copy.arrived_at = reject.resolved_at
         AND copy.source_name = 'correction of raw row ' || reject.raw_id
    ) AS undecided
    LEFT JOIN dqm.calendar ON calendar.form = raw.trimmed(undecided.purchase_date)
) AS dated
WHERE NOT is_copy
   OR NOT EXISTS (
    SELECT FROM dqm.bt_crypto_events_runs AS run
    WHERE run.published_at IS NOT NULL
      AND run.staged_at >= dated.arrived_at
      AND dated.day BETWEEN run.window_start AND run.as_of
)
ORDER BY day
