-- Whoever answers the form again before a run has landed the first answer replaces it: one row per person and quarter.

set local role roosevelt_owner;

create unique index on survey.submissions (survey, survey_user_id, quarter);

create or replace function survey.submit(p_token_sha bytea, p_nps int, p_satisfaction int, p_sealed bytea)
returns boolean
language sql
security definer
set search_path = pg_catalog, survey, pg_temp
as $$
with kept as (
    insert into survey.submissions as known (survey, survey_user_id, quarter, nps_score, satisfaction_score, sealed)
    select survey, survey_user_id, quarter, p_nps, p_satisfaction, p_sealed
    from survey.invitations
    where token_sha = p_token_sha and closes_at > now()
    on conflict (survey, survey_user_id, quarter) do update set
        nps_score = excluded.nps_score, satisfaction_score = excluded.satisfaction_score, sealed = excluded.sealed,
        submitted_at = excluded.submitted_at
    returning 1
)
select exists (select from kept)
$$;
