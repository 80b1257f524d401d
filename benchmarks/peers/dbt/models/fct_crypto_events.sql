-- What is published: new, changed and vanished rows alone are merged. Vanished ones stay, inactive.
{{
    config(
        materialized="incremental",
        incremental_strategy="merge",
        unique_key=["purchase_date", "site_id", "user_id", "crypto_type"],
        merge_exclude_columns=["created_at"],
        incremental_predicates=[
            "DBT_INTERNAL_DEST.purchase_date between '"
            ~ var("window_start") ~ "' and '" ~ var("as_of") ~ "'"
        ],
        indexes=[
            {"columns": ["purchase_date", "site_id", "user_id", "crypto_type"], "unique": True}
        ],
        on_schema_change="fail",
        post_hook="analyze {{ this }}",
    )
}}
{% set key = "purchase_date, site_id, user_id, crypto_type" %}
{% if not is_incremental() %}
select {{ key }}, purchase_price, purchase_units, purchase_value, true as is_active,
    now() as created_at, now() as updated_at
from {{ ref("stg_crypto_events") }}
{% else %}
select {{ key }},
    coalesce(staged.purchase_price, live.purchase_price) as purchase_price,
    coalesce(staged.purchase_units, live.purchase_units) as purchase_units,
    coalesce(staged.purchase_value, live.purchase_value) as purchase_value,
    staged.purchase_price is not null as is_active,
    now() as created_at,
    now() as updated_at
from {{ ref("stg_crypto_events") }} as staged
full join (
    select * from {{ this }}
    where purchase_date between '{{ var("window_start") }}' and '{{ var("as_of") }}'
) as live using ({{ key }})
where live.is_active is null
    or (staged.purchase_price is null and live.is_active)
    or (staged.purchase_price is not null and (
        not live.is_active
        or staged.purchase_price <> live.purchase_price
        or staged.purchase_units <> live.purchase_units))
{% endif %}
