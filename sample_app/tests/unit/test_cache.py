from __future__ import annotations

import socket
from contextlib import closing

import pytest

from mission_control.cache import CacheResult, MissionCache, connect
from mission_control.metrics import Metrics


@pytest.fixture
def mute_server():
    """Takes connections like a Redis that hangs, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def connections_to(server):
    """How often somebody has connected."""
    count = 0
    while True:
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def test_a_redis_that_hangs_is_asked_once_and_then_given_up(mute_server):
    with closing(connect(f"redis://127.0.0.1:{mute_server.getsockname()[1]}/0")) as redis:
        cache = MissionCache(redis, ttl_s=30, metrics=Metrics())

        assert cache.read().result is CacheResult.UNAVAILABLE

    assert connections_to(mute_server) == 1
