import psycopg


def test_the_embedded_server_is_a_real_postgresql_18(server):
    with psycopg.connect(server.url()) as connection:
        assert connection.info.server_version // 10_000 == 18
