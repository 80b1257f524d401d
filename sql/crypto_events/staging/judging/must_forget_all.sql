-- Whether what was judged is void: by another contract, or because all rows were deleted at once.
SELECT NOT EXISTS (
        SELECT FROM raw.bt_crypto_judged_contract WHERE fingerprint = %(fingerprint)s
    )
    OR EXISTS (SELECT FROM raw.bt_crypto_departures WHERE raw_id IS NULL) AS must_forget
