"""The watch on BI's schema sees what it is there to see."""

import uuid

from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.exposure import persons_in_bi, reachable_beyond_bi


def test_as_migrated_bi_reaches_nothing_else(fresh_warehouse):
    with fresh_warehouse.connect(Role.TRANSFORM) as connection:
        assert reachable_beyond_bi(connection) == []
        assert persons_in_bi(connection) == []


def test_a_grant_too_many_is_seen(fresh_warehouse):
    with fresh_warehouse.connect() as connection:
        connection.execute("grant usage on schema raw to roosevelt_bi")
        connection.execute("grant select (user_id) on raw.github_accounts to roosevelt_bi")
        connection.commit()
    with fresh_warehouse.connect(Role.TRANSFORM) as connection:
        assert reachable_beyond_bi(connection) == ["raw.github_accounts"]


def test_a_persons_pseudonym_in_bi_is_seen_and_another_uuid_is_not(fresh_warehouse):
    person = uuid.uuid4()
    with fresh_warehouse.connect() as connection:
        connection.execute(
            "insert into raw.github_accounts values (%s, 'User', false, null, '2026-03-01T00:00:00Z')", [person]
        )
        connection.commit()
    with fresh_warehouse.connect(Role.TRANSFORM) as connection:
        connection.execute("create table bi.events (id uuid, who text)")
        connection.execute("insert into bi.events values (%s, %s)", [uuid.uuid4(), str(person)])
        assert persons_in_bi(connection) == ["bi.events.who"]
