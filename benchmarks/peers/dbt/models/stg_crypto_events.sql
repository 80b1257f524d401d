-- The window's rows, parsed. What cannot be read becomes null, which a test refuses.
{{ config(post_hook="analyze {{ this }}") }}
with trimmed as (
    select
        btrim(site_id) as site_id,
        btrim(user_id) as user_id,
        btrim(purchase_date) as purchase_date,
        btrim(crypto_type) as crypto_type,
        btrim(purchase_price) as purchase_price,
        btrim(purchase_units) as purchase_units
    from {{ source("raw", "bt_crypto_transaction_history") }}
    where raw.date_key(purchase_date) in ({{ date_forms() }})
),
parsed as (
    select
        to_date(purchase_date, 'DD/MM/YYYY') as purchase_date,
        site_id,
        case when user_id ~ '^[0-9]{1,18}$' then user_id::bigint end as user_id,
        crypto_type,
        case when purchase_price ~ '^[0-9]+([.][0-9]+)?$' then purchase_price::numeric end
            as purchase_price,
        case when purchase_units ~ '^[0-9]+([.][0-9]+)?$' then purchase_units::numeric end
            as purchase_units
    from trimmed
)
select *, purchase_price * purchase_units as purchase_value from parsed
