-- What is published of a kept row has the units of its parts; the row itself stays as it arrived.
UPDATE staging.bt_crypto_events_window AS kept
SET summed_units = kept.purchase_units + parts.units
FROM (
    SELECT kept_id, sum(purchase_units) AS units
    FROM duplicates
    WHERE exact AND superseded_as = 'part'
    GROUP BY kept_id
) AS parts
WHERE kept.raw_id = parts.kept_id
