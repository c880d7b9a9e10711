-- A review whose comments changed is counted anew: its comments are found without reading those of years.

set local role roosevelt_owner;

create index on raw.github_review_comments (((payload ->> 'review_id')::bigint));
