-- One row per word of another system that the policy gives a meaning.
select
    system,
    kind,
    word,
    meaning
from {{ source('raw', 'policy_words') }}
