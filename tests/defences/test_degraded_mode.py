"""A mission control of a few lines, started for real beside a Redis that never answers."""

from __future__ import annotations

import socket

import pytest

from chaos_lib.defences import degraded_mode
from chaos_lib.defences.degraded_mode import DEGRADED_MODE, mute_redis

SERVER = """
    import os, socket, threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    from urllib.parse import urlsplit

    redis = urlsplit(os.environ["MISSION_REDIS_URL"])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status = 200
            if self.path == "/missions":
                try:
                    with socket.create_connection((redis.hostname, redis.port), timeout={timeout}) as cache:
                        cache.recv(1)
                except OSError:
                    status = {status}
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *args):
            pass

    address = (os.environ["MISSION_HOST"], int(os.environ["MISSION_PORT"]))
    ThreadingHTTPServer(address, Handler).serve_forever()
"""


def service(*, timeout, status=200):
    code = SERVER.replace("{timeout}", str(timeout)).replace("{status}", str(status))
    return {"src/mission_control/__init__.py": "", "src/mission_control/__main__.py": code}


def test_a_service_that_gives_up_quickly_is_green(project):
    verdict = DEGRADED_MODE.run(project(service(timeout=0.1)))

    assert (verdict.reason, verdict.evidence) == ("OK", "")
    assert verdict.numbers["answer_s"] < degraded_mode.LIMIT_S
    assert "status 200" in verdict.summary
    assert "docker pause" in verdict.command


@pytest.mark.parametrize(
    ("timeout", "answer"), [(2.2, "status 200 after 2."), (60, "no answer after 5.")], ids=["late", "never"]
)
def test_a_service_that_waits_is_slow_and_the_seconds_are_shown(project, timeout, answer):
    verdict = DEGRADED_MODE.run(project(service(timeout=timeout)))

    assert verdict.reason == "CACHE_OUTAGE_SLOW"
    assert f"GET /missions: {answer}" in verdict.evidence
    assert "the limit is 2 s" in verdict.evidence
    assert "short timeout" in verdict.remedy
    assert verdict.elapsed_s < 10


def test_a_service_that_gives_up_with_an_error_is_fatal(project):
    verdict = DEGRADED_MODE.run(project(service(timeout=0.1, status=500)))

    assert verdict.reason == "CACHE_OUTAGE_FATAL"
    assert "status 500" in verdict.evidence
    assert "read from the database" in verdict.remedy


def test_a_service_that_does_not_start_shows_its_last_words(project):
    files = {
        "src/mission_control/__init__.py": "",
        "src/mission_control/__main__.py": "raise SystemExit('no way')",
    }

    verdict = DEGRADED_MODE.run(project(files))

    assert verdict.reason == "SERVICE_DOES_NOT_START"
    assert "no way" in verdict.evidence
    assert verdict.remedy


def test_the_mute_redis_takes_calls_says_nothing_and_is_gone_afterwards():
    with mute_redis() as url:
        port = int(url.removeprefix("redis://127.0.0.1:").removesuffix("/0"))
        with socket.create_connection(("127.0.0.1", port), timeout=1) as call:
            call.settimeout(0.05)
            with pytest.raises(TimeoutError):
                call.recv(1)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
