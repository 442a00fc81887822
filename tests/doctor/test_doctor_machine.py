"""The doctor on the real machine: right answers, and not a trace left."""

from __future__ import annotations

import hashlib
import json
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer

import psutil
import pytest

from chaos_lib.doctor import CHECKS, diagnose
from chaos_lib.doctor.machine import MachineProbes
from chaos_lib.settings import Settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / ".gitconfig").write_text("[user]\n\tname = Ada\n", encoding="utf-8")
    (folder / ".docker").mkdir()
    (folder / ".docker" / "config.json").write_text("{}", encoding="utf-8")
    for name in ("DOCKER_CONFIG", "DOCKER_CONTEXT", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def settings(tmp_path: Path, home: Path) -> Settings:
    return Settings(
        home=home / "mission", cache=home / ".cache" / "opchaos", engine_folder=tmp_path / "engine"
    )


class EngineRequests(BaseHTTPRequestHandler):
    """A Docker engine that answers questions and writes down all that is asked."""

    asked: list[str]
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        self.asked.append(f"GET {self.path}")
        body: object = {"Version": "20.10.24", "ApiVersion": "1.41", "DockerRootDir": "/"}
        if "json" in self.path:
            body = []
        payload = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def do_POST(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        self.send_response(500)
        self.end_headers()

    def do_PUT(self) -> None:
        self.do_POST()

    def do_DELETE(self) -> None:
        self.do_POST()

    def do_HEAD(self) -> None:
        self.asked.append(f"HEAD {self.path}")
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass

    def address_string(self) -> str:
        return "local"


class UnixServer(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True


@pytest.fixture
def engine_requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    asked: list[str] = []
    handler = type("Handler", (EngineRequests,), {"asked": asked})
    path = tmp_path / "docker.sock"
    with UnixServer(str(path), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        yield asked
        server.shutdown()
        thread.join()


def snapshot(*folders: Path) -> dict[str, str]:
    """Every path with its kind, mode and content."""
    seen = {}
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            if path.exists() or path.is_symlink():
                content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
                seen[str(path)] = f"{path.lstat().st_mode:o} {content}"
    return seen


def test_the_doctor_writes_nothing_starts_nothing_and_only_reads_from_the_engine(
    tmp_path: Path, settings: Settings, engine_requests: list[str]
) -> None:
    files = snapshot(tmp_path)
    children = set(psutil.Process().children(recursive=True))
    report = diagnose(settings)
    assert snapshot(tmp_path) == files
    assert set(psutil.Process().children(recursive=True)) == children
    assert not settings.engine_folder.exists()
    assert engine_requests
    assert {request.split()[0] for request in engine_requests} <= {"GET", "HEAD"}
    assert len(report.findings) == len(CHECKS)
    engine = next(each for each in report.findings if each.name == "docker-engine")
    assert "20.10.24" in engine.found


def test_the_doctor_finds_the_engine_that_answers(settings: Settings, engine_requests: list[str]) -> None:
    engine = MachineProbes(settings).engine().engine
    assert engine is not None
    assert engine.found_by == "DOCKER_HOST"
    assert MachineProbes(settings).storage_folders()["the engine's images"] == Path("/")


def test_the_python_is_the_one_that_runs_us(settings: Settings) -> None:
    found = MachineProbes(settings).python()
    assert (found.version, found.executable) == (sys.version_info[:3], sys.executable)


def test_packages_are_found_by_their_name_on_the_index(settings: Settings) -> None:
    probes = MachineProbes(settings)
    assert probes.package_version("pytest") == pytest.__version__
    assert probes.package_version("no-such-package-anywhere") is None


def test_the_kernel_python3_of_this_environment_is_found(settings: Settings) -> None:
    command = MachineProbes(settings).kernel_command()
    assert command is not None
    assert "ipykernel_launcher" in command


def test_a_listener_is_named_and_a_free_port_is_free(settings: Settings) -> None:
    probes = MachineProbes(settings)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        holder = probes.port_holder(port)
        assert holder is not None
    assert probes.port_holder(port) is None


def test_free_space_is_that_of_the_disk_that_would_hold_the_folder(
    settings: Settings, tmp_path: Path
) -> None:
    probes = MachineProbes(settings)
    assert probes.free_bytes(tmp_path / "not" / "yet" / "there") > 0
    assert not (tmp_path / "not").exists()


def test_memory_is_that_of_this_machine_or_less(settings: Settings) -> None:
    assert 0 < MachineProbes(settings).memory_bytes() <= psutil.virtual_memory().total


def docker_program(folder: Path, script: str) -> None:
    folder.mkdir()
    program = folder / "docker"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


def test_docker_clients_tell_whether_they_build_with_buildkit(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker_program(
        tmp_path / "a", '[ "$1" = --version ] && echo "Docker version 28.2.2, build e6534b4" || exit 1'
    )
    docker_program(tmp_path / "b", 'echo "Docker version 20.10.24+dfsg1, build 297e128"')
    monkeypatch.setenv("PATH", f"{tmp_path}/a:{tmp_path}/b:/usr/bin:/bin")
    ours = [each for each in MachineProbes(settings).docker_clients() if each.path.startswith(str(tmp_path))]
    assert [(each.version, each.can_build_kit) for each in ours] == [
        ("28.2.2", False),
        ("20.10.24+dfsg1", True),
    ]


def test_no_git_on_path_is_no_git(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MachineProbes(settings).git_version() is not None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert MachineProbes(settings).git_version() is None
