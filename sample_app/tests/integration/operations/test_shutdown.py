"""The real process, stopped the way Docker and Kubernetes stop it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

WAITING_READER = "SELECT 1 FROM pg_locks WHERE relation = 'missions'::regclass AND mode = 'AccessShareLock' AND NOT granted"


@pytest.fixture
def service(clean_state, database_url, redis_url):
    """The service in a process of its own, draining for a second; gives the process and its address."""
    environment = os.environ | {
        "MISSION_DATABASE_URL": database_url,
        "MISSION_REDIS_URL": redis_url,
        "MISSION_HOST": "127.0.0.1",
        "MISSION_PORT": "0",
        "MISSION_DRAIN_S": "1",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "mission_control", "serve"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stdout:
                if address := re.search(r"http://127\.0\.0\.1:\d+", line):
                    break
            else:
                pytest.fail(f"the service ended with {process.wait()} before it listened")
            with httpx.Client(base_url=address.group(), timeout=10) as client:
                yield process, client
        finally:
            process.kill()


def test_a_running_request_is_finished_before_the_process_ends(service, database_url, wait_until):
    process, client = service
    with psycopg.connect(database_url) as blocker, psycopg.connect(database_url, autocommit=True) as observer:
        blocker.execute("LOCK TABLE missions")

        def is_waiting():
            return observer.execute(WAITING_READER).fetchone() is not None

        with ThreadPoolExecutor(1) as thread:
            running = thread.submit(client.get, "/missions")
            wait_until(is_waiting)
            process.send_signal(signal.SIGTERM)
            wait_until(lambda: client.get("/readyz").status_code == 503)
            blocker.rollback()

            assert running.result().status_code == 200
    assert process.wait(timeout=10) == 0


def test_while_it_drains_the_service_still_answers(service, wait_until):
    process, client = service

    process.send_signal(signal.SIGTERM)
    wait_until(lambda: client.get("/readyz").status_code == 503)

    assert client.get("/missions").status_code == 200
    assert process.wait(timeout=10) == 0


def test_ctrl_c_ends_the_process_in_order_too(service):
    process, _ = service

    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=10) == 0
