-- What words of other systems mean, by policy: PagerDuty's services and severities. Replaced at the start of each run.

set local role roosevelt_owner;

create table raw.policy_words (
    system text not null,
    kind text not null check (kind in ('service', 'severity')),
    word text not null,
    meaning text not null,
    primary key (system, kind, word)
);

grant delete on raw.policy_words to roosevelt_ingest;
