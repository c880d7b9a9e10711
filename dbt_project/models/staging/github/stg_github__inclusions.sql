-- One row per repository and period in which the policy included it.
select
    repository_id,
    split_part(repository, '/', 2) as repository,
    included_from,
    included_until
from {{ source('raw', 'github_inclusions') }}
