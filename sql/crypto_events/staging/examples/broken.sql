-- Those of a rule's examples that break it. They arrived on the day that its good row is of, if of any.
SELECT raw_id
FROM (
    SELECT judged.raw_id, judged.user_id, judged.purchase_date,
        coalesce(good.purchase_date + 1, judged.latest_date) AS latest_date,
        judged.site_id, judged.crypto_type, judged.purchase_price, judged.purchase_units,
        judged.unreadable_user_id, judged.unreadable_purchase_date,
        judged.unreadable_purchase_price, judged.unreadable_purchase_units
    FROM raw.bt_crypto_judged AS judged
    JOIN raw.bt_crypto_judged AS good ON good.raw_id = {good_row}
    WHERE judged.raw_id = ANY({examples})
    OFFSET 0
) AS judged
WHERE ({holds}) IS FALSE
