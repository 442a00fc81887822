"""Containers from images on the real engine: answers, logs, ends, stops, health; and nothing of another mission."""

from __future__ import annotations

import contextlib

import pytest

from chaos_lib import labels
from chaos_lib.errors import ContainerEnded, LabError, WaitTimeout
from chaos_lib.lab import sweep
from chaos_lib.lab.builds.network import ADDRESSES, private_network
from chaos_lib.lab.builds.one_shot import run_once
from chaos_lib.lab.builds.running import Restrictions, RunningImage
from chaos_lib.settings import Settings

pytestmark = pytest.mark.lab

# A service of a few lines: it answers /healthz, and stops at SIGTERM.
SERVER = """\
import http.server, os, signal, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()
        self.wfile.write(os.environ.get("WORD", "-").encode())
    def do_POST(self):
        self.send_response(201)
        self.end_headers()
        self.wfile.write(self.rfile.read(int(self.headers["Content-Length"])))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("serving", flush=True)
http.server.HTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
"""
DOCKERFILE = """\
FROM python:3.11-slim
COPY server.py /
USER 10001
HEALTHCHECK --interval=1h CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz')"]
ENTRYPOINT ["python", "/server.py"]
"""


@pytest.fixture
def image(builder, context):
    return builder.build(context(DOCKERFILE, **{"server.py": SERVER})).image


def names_of(engine, run_id):
    wanted = {"label": f"{labels.RUN}={run_id}"}
    with contextlib.closing(engine.connect()) as client:
        containers = [item["Names"][0] for item in client.api.containers(all=True, filters=wanted)]
        return containers + [item["Name"] for item in client.api.networks(filters=wanted)]


def test_a_container_answers_is_healthy_and_stops_when_told(engine, settings, image):
    restrictions = Restrictions(is_read_only=True, is_unprivileged=True, memory_bytes=200_000_000)
    with RunningImage(
        engine,
        settings,
        image,
        environment={"WORD": "hello"},
        restrictions=restrictions,
        health_interval_s=1.0,
    ) as container:
        assert container.wait_until_answering().body == "hello"
        assert container.get("/nowhere").status == 404
        assert container.post("/x", "{}").body == "{}"
        assert container.port == 8000
        assert container.user_id == 10001
        assert container.execute(("python", "-c", "print(40 + 2)")).strip() == "42"
        container.wait_until_healthy()
        assert "serving" in container.log()
        stopped = container.stop()
        assert stopped.exit_code == 0
        assert not stopped.was_killed
        assert not container.is_running
    assert names_of(engine, settings.run_id()) == []


def test_one_that_ignores_sigterm_is_killed_after_its_grace(engine, settings, image):
    deaf = ("sh", "-c", "trap '' TERM; while true; do sleep 1; done")
    with RunningImage(engine, settings, image, entrypoint=deaf) as container:
        stopped = container.stop(grace_s=1)

    assert stopped.was_killed
    assert stopped.elapsed_s >= 1


def test_one_that_ends_says_why(engine, settings, image):
    dying = ("python", "-c", "import sys; print('no coffee'); sys.exit(3)")
    with (
        RunningImage(engine, settings, image, entrypoint=dying) as container,
        pytest.raises(ContainerEnded) as caught,
    ):
        container.wait_until_answering()

    assert "exit code 3" in caught.value.what
    assert caught.value.evidence == caught.value.log == "no coffee"
    assert caught.value.exit_code == 3
    assert caught.value.fix


def test_one_that_serves_nothing_is_seen_by_a_strict_health_check(engine, settings, image):
    nap = ("python", "-c", "import signal; signal.pause()")
    with RunningImage(
        engine, settings, image, entrypoint=nap, health_interval_s=1.0, is_strict=True
    ) as container:
        with pytest.raises(WaitTimeout) as caught:
            container.wait_until_healthy(timeout_s=3)
        with pytest.raises(WaitTimeout, match="answers"):
            container.wait_until_answering(timeout_s=0)
        assert container.get("/healthz").status == 0
    assert caught.value.evidence


def test_a_command_is_run_once_and_its_container_is_gone(engine, settings, image):
    outcome = run_once(
        engine, settings, image, entrypoint=("python", "-c", "print('hi'); raise SystemExit(7)")
    )

    assert (outcome.exit_code, outcome.output) == (7, "hi")
    with pytest.raises(LabError, match="refused running an image"):
        run_once(engine, settings, image, entrypoint=("no-such-program",))
    with pytest.raises(WaitTimeout, match="did not end within 1 s"):
        run_once(engine, settings, image, timeout_s=1)
    assert names_of(engine, settings.run_id()) == []


def test_the_services_are_on_the_private_network_under_their_names_and_leave_it_again(
    engine, live_lab, image
):
    settings = live_lab.settings
    before = names_of(engine, settings.run_id())
    ask = "import os, socket; [socket.create_connection((n, p), 5) for n, p in (('postgres', 5432), ('redis', 6379))]; print('both')"
    with (
        private_network(engine, settings) as network,
        RunningImage(
            engine,
            settings,
            image,
            network=network,
            environment=ADDRESSES,
        ) as container,
    ):
        assert container.execute(("python", "-c", ask)).strip() == "both"
        assert len(names_of(engine, settings.run_id())) == len(before) + 2

    assert sorted(names_of(engine, settings.run_id())) == sorted(before)


def test_a_mission_without_services_has_no_private_network(engine, settings):
    with pytest.raises(LabError, match="runs no container of postgres"), private_network(engine, settings):
        pass
    assert names_of(engine, settings.run_id()) == []


def test_two_missions_on_one_engine_do_not_see_each_other_s_containers_and_networks(
    engine, live_lab, settings, image, tmp_path
):
    """One mission's sweep and look leave the other's container, network and address alone."""
    other = Settings(home=tmp_path / "other", seed=20)
    with (
        private_network(engine, live_lab.settings) as network,
        RunningImage(engine, live_lab.settings, image, network=network, environment={"WORD": "one"}) as mine,
        RunningImage(engine, other, image, environment={"WORD": "two"}) as theirs,
    ):
        assert mine.wait_until_answering().body == "one"
        assert theirs.wait_until_answering().body == "two"
        assert mine.name.lstrip("/") not in " ".join(names_of(engine, other.run_id()))
        # Nothing of the private network can be reached from the other mission's container.
        seen = theirs.execute(
            (
                "python",
                "-c",
                "import socket\ntry: print(socket.gethostbyname('postgres'))\nexcept OSError: print('nobody')",
            )
        )
        assert seen.strip() == "nobody"
        swept = sweep.remove_run(engine, other.run_id())
        assert swept.networks == ()
        assert len(swept.containers) == 1
        assert mine.get("/healthz").body == "one"
        assert network in " ".join(names_of(engine, live_lab.settings.run_id()))


def test_a_port_is_published_on_this_machine_only(engine, settings, image):
    with RunningImage(engine, settings, image) as container:
        container.wait_until_answering()
        with contextlib.closing(engine.connect()) as client:
            (binding,) = client.api.inspect_container(container.name)["NetworkSettings"]["Ports"]["8000/tcp"]
    assert binding["HostIp"] == "127.0.0.1"
