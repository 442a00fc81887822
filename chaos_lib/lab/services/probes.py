"""Ask a Postgres or a Redis whether it truly answers."""

from __future__ import annotations

from chaos_lib.wait import Reading

_CONNECT_TIMEOUT_S = 2


def answers_sql(postgres_url: str) -> Reading:
    """Run `SELECT 1`; signing in is part of the question."""
    import psycopg  # 0.15 s: only those who ask pay for it

    try:
        with psycopg.connect(postgres_url, connect_timeout=_CONNECT_TIMEOUT_S) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error as exc:
        return Reading(is_ready=False, detail=str(exc).strip())
    return Reading(is_ready=True, detail="SELECT 1 was answered")


def answers_ping(redis_url: str) -> Reading:
    """Send `PING`."""
    import redis  # 0.15 s: only those who ask pay for it

    client = redis.Redis.from_url(
        redis_url, socket_connect_timeout=_CONNECT_TIMEOUT_S, socket_timeout=_CONNECT_TIMEOUT_S
    )
    try:
        client.ping()
    except redis.RedisError as exc:
        return Reading(is_ready=False, detail=str(exc).strip())
    finally:
        client.close()
    return Reading(is_ready=True, detail="PING was answered")
