"""A real server process, and participants who talk to it with their commands."""

from __future__ import annotations

import re
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos_lib.certificate import Office, keys
from chaos_lib.settings import Settings
from tests.certificate.conftest import play
from tests.cli.conftest import Cli


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Commands on a mission in which the briefing was played."""
    settings = Settings(home=tmp_path / "mission")
    play(settings)
    monkeypatch.setenv("OPCHAOS_HOME", str(settings.home))
    monkeypatch.delenv("COLUMNS", raising=False)
    return Cli(settings)


@pytest.fixture
def url(cli: Cli, tmp_path: Path) -> Iterator[str]:
    """The address of a running service with an instructor's key and a class code."""
    key = tmp_path / "instructor.pem"
    keys.write_private(key, keys.make_private_pem())
    server = cli.start(
        *(
            "backend",
            "serve",
            "--port",
            "0",
            "--folder",
            str(tmp_path / "service"),
            "--instructor-key",
            str(key),
        ),
        OPCHAOS_BACKEND_CLASS_CODE="blue-whale",
        OPCHAOS_BACKEND_ATTESTED_BY="Grace Hopper",
        COLUMNS="200",
    )
    assert server.stdout is not None
    seen = []
    for line in server.stdout:  # ends when the server does
        seen.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            yield found[0]
            break
    else:
        pytest.fail(f"the service did not start:\n{''.join(seen)}")
    server.send_signal(signal.SIGINT)
    server.communicate(timeout=60)


def test_a_participant_gets_a_certificate_that_an_instructor_vouches_for(cli: Cli, url: str) -> None:
    refused = cli("certificate", "request", "--service", url, "--name", "Ada")
    assert refused.exit_code == 2
    assert "The certificate service says: The code is missing or wrong." in refused.stderr
    code = ("--class-code", "blue-whale")
    given = cli("certificate", "request", "--service", url, "--name", "Ada 山田", *code)
    assert given.exit_code == 0, given.output
    assert "instructor-attested" in given.stdout

    (pdf,) = (cli.settings.home / "certificates").glob("*.pdf")
    verified = Office(cli.settings).verify(str(pdf))
    assert (verified.source, verified.signer) == ("PDF", "Grace Hopper")
    synced = cli("certificate", "sync", "--service", url, "--name", "Ada", *code)
    assert "The service counts 10 points." in synced.stdout


def test_an_address_where_nothing_answers_is_told(cli: Cli) -> None:
    result = cli("certificate", "request", "--service", "http://127.0.0.1:1", "--name", "Ada")

    assert result.exit_code == 2
    assert "The certificate service does not answer." in result.stderr


def test_a_port_or_an_address_that_is_not_free_is_told(cli: Cli, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        taken = cli("backend", "serve", "--port", str(port), "--folder", str(tmp_path / "service"))
    nowhere = cli("backend", "serve", "--host", "192.0.2.1", "--folder", str(tmp_path / "service"))

    assert taken.exit_code == 1
    assert "Something else listens on the port of the certificate service." in taken.stderr
    assert nowhere.exit_code == 2
    assert "cannot listen there" in nowhere.stderr


def test_a_setting_that_cannot_be_right_is_named(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPCHAOS_BACKEND_LARGEST_BODY_BYTES", "many")
    result = cli("backend", "serve")

    assert result.exit_code == 2
    assert "OPCHAOS_BACKEND_LARGEST_BODY_BYTES" in result.stderr


def test_without_the_extra_it_says_how_to_get_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    result = cli("backend", "serve")

    assert result.exit_code == 1
    assert "operation-chaos[backend]" in result.stderr
