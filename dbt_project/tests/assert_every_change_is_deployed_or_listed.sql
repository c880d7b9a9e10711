-- A row for each change that is neither deployed nor listed as not deployed.
with

changes as (

    select * from {{ ref('fct_changes') }}

),

unlinked as (

    select * from {{ ref('fct_unlinked') }}
    where subject_type = 'change'

)

select
    changes.service,
    changes.change_id
from changes
left join unlinked
    on changes.service || '/' || changes.change_id = unlinked.subject_id
where changes.deployment_id is null and unlinked.subject_id is null
