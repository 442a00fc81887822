"""What every provider of the services promises, proved on each."""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis

from chaos_lib.command import Command
from chaos_lib.lab.facility import Progress, no_progress
from chaos_lib.lab.services import ContainerServices, EmbeddedServices, Services, ServicesProvider

REPOSITORY = Path(__file__).parents[3]
START_AND_END = """
import sys
from pathlib import Path
from chaos_lib.lab.engine import candidates, find_engine
from chaos_lib.lab.facility import no_progress
from chaos_lib.lab.services import providers
from chaos_lib.settings import Settings

settings = Settings(home=Path(sys.argv[1]), cache=Path(sys.argv[2]))
environment = {"DOCKER_HOST": sys.argv[4]} if sys.argv[4] else {}
engine = find_engine(candidates(environment, Path("/run/opchaos/docker.sock"))).engine
provider = next(one for one in providers(settings, engine) if one.name == sys.argv[3])
print(provider.start(no_progress).postgres_url)
"""


def in_another_process(provider: ServicesProvider) -> str:
    """Start the services in a process that then ends, and return the Postgres URL it printed."""
    assert isinstance(provider, ContainerServices | EmbeddedServices)
    engine = provider.engine.url if isinstance(provider, ContainerServices) and provider.engine else ""
    folders = [str(provider.settings.home), str(provider.settings.cache)]
    argv = [sys.executable, "-c", START_AND_END, *folders, provider.name, engine]
    return Command(argv, cwd=REPOSITORY).run(timeout_s=60).check().output.strip()


def kill_postgres(provider: ServicesProvider, services: Services) -> None:
    """Kill the server the hard way, as the machine's out-of-memory killer would."""
    if isinstance(provider, ContainerServices):
        assert provider.engine is not None
        client = provider.engine.connect()
        try:
            client.containers.get(f"opchaos-postgres-{provider.settings.run_id()}").kill()
        finally:
            client.close()
        return
    with psycopg.connect(services.postgres_url) as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
    assert row is not None
    os.kill(int(row[0].splitlines()[0]), signal.SIGKILL)


def answers(services: Services) -> bool:
    with psycopg.connect(services.postgres_url) as connection:
        row = connection.execute("SELECT 6 * 7").fetchone()
    client = redis.Redis.from_url(services.redis_url)
    is_pong = client.ping()
    client.close()
    return row == (42,) and bool(is_pong)


def test_started_services_answer_sql_and_ping(provider: ServicesProvider) -> None:
    news: list[Progress] = []

    services = provider.start(news.append)

    assert answers(services)
    assert services.tier is provider.tier
    assert services.provider == provider.name
    assert [item.step for item in news] == ["Starting Postgres", "Starting Redis", "Services are up"]


def test_a_usable_provider_says_so_without_a_remedy(provider: ServicesProvider) -> None:
    usability = provider.usability()

    assert usability.is_usable
    assert usability.remedy == ""


def test_nothing_is_attached_before_the_first_start(provider: ServicesProvider) -> None:
    assert provider.attach() is None


def test_services_outlive_the_process_that_started_them(provider: ServicesProvider) -> None:
    url = in_another_process(provider)

    attached = provider.attach()

    assert attached is not None
    assert attached.postgres_url == url
    assert answers(attached)


def test_a_second_start_returns_the_running_services(provider: ServicesProvider) -> None:
    first = provider.start(no_progress)

    assert provider.start(no_progress) == first


def test_two_starts_at_once_give_the_same_services(provider: ServicesProvider) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(provider.start, [no_progress, no_progress])

    assert first == second
    assert answers(first)


def test_stop_ends_the_services_and_may_be_called_again(provider: ServicesProvider) -> None:
    services = provider.start(no_progress)

    provider.stop()
    provider.stop()

    assert provider.attach() is None
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(services.postgres_url, connect_timeout=2)


def test_stop_without_a_start_does_nothing(provider: ServicesProvider) -> None:
    provider.stop()

    assert provider.attach() is None


def test_a_killed_server_is_noticed_and_the_next_start_heals(provider: ServicesProvider) -> None:
    services = provider.start(no_progress)
    kill_postgres(provider, services)

    assert provider.attach() is None

    assert answers(provider.start(no_progress))
