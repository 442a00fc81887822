import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chaos_lib.errors import EngineUnavailable, PermissionRefused, ToolTooOld
from chaos_lib.lab import Lab
from chaos_lib.lab.engine import Candidate, candidates, find_engine, start_hint
from chaos_lib.lab.engine_ping import Address, ask_version

from .fake_engine import fake_engine, version_body

GOOD = version_body("26.1.5", "1.45")


def _place(url: str) -> Candidate:
    return Candidate(Address(url), "the test")


def test_the_order_is_docker_host_context_default_socket_own(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "far"}))
    meta = tmp_path / "contexts/meta" / hashlib.sha256(b"far").hexdigest()
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Endpoints": {"docker": {"Host": "unix:///far.sock"}}}))
    environment = {"DOCKER_HOST": "tcp://near:2375", "DOCKER_CONFIG": str(tmp_path)}
    urls = [place.address.url for place in candidates(environment, Path("/own.sock"))]
    assert urls[:3] == ["tcp://near:2375", "unix:///far.sock", "unix:///var/run/docker.sock"]
    assert urls[-1] == "unix:///own.sock"


@pytest.mark.parametrize(
    "config", ["", "[]", "{", '{"currentContext": "gone"}', '{"currentContext": "default"}']
)
def test_a_context_that_cannot_be_read_is_no_context(tmp_path: Path, config: str) -> None:
    (tmp_path / "config.json").write_text(config)
    found = candidates({"DOCKER_CONFIG": str(tmp_path)}, Path("/own.sock"))
    assert found[0].found_by == "the default socket"


def test_the_first_engine_that_answers_is_taken(tmp_path: Path) -> None:
    with fake_engine(tmp_path / "d.sock", GOOD) as url:
        search = find_engine([_place("unix:///nowhere.sock"), _place(url), _place("unix:///own.sock")])
    assert search.engine is not None
    assert (search.engine.url, search.engine.version, search.engine.is_own) == (url, "26.1.5", False)
    assert "does not exist" in search.refusals[0].what


def test_no_engine_at_all_names_every_place_and_the_way_out() -> None:
    search = find_engine([_place("unix:///nowhere.sock"), _place("tcp://127.0.0.1:1")])
    with pytest.raises(EngineUnavailable) as caught:
        search.require()
    assert caught.value.what == "No Docker engine answers on this machine."
    assert "unix:///nowhere.sock does not exist" in caught.value.evidence
    assert "tcp://127.0.0.1:1" in caught.value.evidence
    assert caught.value.fix == start_hint()


def test_an_engine_that_hangs_costs_no_more_than_the_deadline(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "d.sock"))
        listener.listen()
        start = time.monotonic()
        with pytest.raises(EngineUnavailable, match="did not answer within"):
            ask_version(Address(f"unix://{tmp_path / 'd.sock'}"), timeout_s=0.3)
    assert time.monotonic() - start < 1.0


def test_an_old_engine_is_refused_with_its_version(tmp_path: Path) -> None:
    with fake_engine(tmp_path / "d.sock", version_body("19.03.15", "1.40")) as url:
        search = find_engine([_place(url), _place("unix:///own.sock")])
    with pytest.raises(ToolTooOld) as caught:
        search.require()
    assert "20.10 or newer" in caught.value.what
    assert "19.03.15" in caught.value.evidence
    assert "Update Docker" in caught.value.fix


@pytest.mark.parametrize("body", ["hello", "{}", version_body("1", "not.a.number")])
def test_what_is_no_docker_engine_is_said_to_be_none(tmp_path: Path, body: str) -> None:
    with (
        fake_engine(tmp_path / "d.sock", body) as url,
        pytest.raises(EngineUnavailable, match="is no Docker engine"),
    ):
        ask_version(Address(url), timeout_s=2)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="becomes another user: needs root"
)
@pytest.mark.lab
def test_a_user_without_permission_is_told_which_group_to_join(live_lab: Lab) -> None:
    url = live_lab.environment()["DOCKER_HOST"]
    os.seteuid(65534)
    try:
        search = find_engine([_place(url), _place("unix:///own.sock")])
    finally:
        os.seteuid(0)
    with pytest.raises(PermissionRefused) as caught:
        search.require()
    assert "may not speak to it" in caught.value.what
    assert "EACCES" in caught.value.evidence
    assert "usermod -aG docker" in caught.value.fix


@pytest.mark.parametrize(
    ("system", "words"), [("Linux", "apt-get"), ("Darwin", "brew"), ("Windows", "winget")]
)
def test_every_system_has_its_own_hint(system: str, words: str) -> None:
    assert words in start_hint(system)


def test_importing_the_lab_loads_no_docker_library() -> None:
    code = (
        "import sys, chaos_lib.lab; "
        "print([m for m in ('docker', 'testcontainers', 'requests', 'psycopg') if m in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.strip() == "[]"
