-- Who opts out leaves nothing of a calendar behind, among what was set aside neither.

set local role roosevelt_owner;

grant delete on raw.rejected_records to roosevelt_ingest;
