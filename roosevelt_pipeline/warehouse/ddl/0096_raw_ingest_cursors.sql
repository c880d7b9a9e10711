-- Where reading stopped, as transform may see it: without the positions, which mean something to their lane alone.

set local role roosevelt_owner;

create view raw.ingest_cursors as
select source, stream, scope, lane, watermark, complete, updated_at
from ingest.cursors;

revoke insert, update on raw.ingest_cursors from roosevelt_ingest;
