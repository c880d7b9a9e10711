-- One row per person or machine, under its lasting pseudonym: whether any of its accounts is a machine's.
with

accounts as (

    select * from {{ source('raw', 'github_accounts') }}

),

people as (

    select * from {{ source('raw', 'people') }}

)

select
    coalesce(people.canonical_user_id, accounts.user_id) as user_id,
    bool_or(accounts.is_bot) as is_bot,
    min(accounts.bot_reason) as bot_reason,
    max(accounts.observed_at) as observed_at
from accounts
left join people
    on accounts.user_id = people.user_id
group by coalesce(people.canonical_user_id, accounts.user_id)
