"""A registry that refuses: what clients see of it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from chaos_lib.lab.throttled_registry import ThrottledRegistry


def test_it_is_taken_for_a_registry_and_refuses_every_pull_with_429() -> None:
    with ThrottledRegistry() as registry:
        with urllib.request.urlopen(f"http://{registry.address}/v2/", timeout=5) as ping:
            assert ping.status == 200
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://{registry.address}/v2/mission-control/manifests/1.0.0", timeout=5)
        with refused.value as answer:
            assert answer.code == 429
            assert int(answer.headers["Retry-After"]) > 0
            assert json.loads(answer.read())["errors"][0]["code"] == "TOOMANYREQUESTS"

        assert registry.refused == ("GET /v2/mission-control/manifests/1.0.0",)


def test_afterwards_nobody_answers() -> None:
    with ThrottledRegistry() as registry:
        address = registry.address
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://{address}/v2/", timeout=5)
