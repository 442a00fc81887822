"""Defences that run the image beside the lab's Postgres and Redis: without root, to its end, and through its port."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from chaos_lib.defences.image_gate import BUILD_REASONS, RUN_REASONS, Bench, Finding, ImageGate
from chaos_lib.errors import ContainerEnded
from chaos_lib.lab.builds import mission_images
from chaos_lib.lab.builds.network import ADDRESSES, private_network
from chaos_lib.lab.builds.running import STOP_GRACE_S, Restrictions, RunningImage
from chaos_lib.service import Answer
from chaos_lib.wait import Reading, wait_until

START_S = 60.0
_RUN = "docker run --network mission -e MISSION_DATABASE_URL=… -e MISSION_REDIS_URL=…"
_DENIED = ("permission denied", "read-only file system", "operation not permitted")
_ASK_INSIDE = "import sys, urllib.request as u; print(u.urlopen(f'http://127.0.0.1:{sys.argv[1]}/healthz', timeout=2).status)"


@contextmanager
def running(
    bench: Bench,
    image: str,
    *,
    restrictions: Restrictions | None = None,
    health_interval_s: float | None = None,
) -> Iterator[RunningImage]:
    """Run an image on a private network with the lab's services; afterwards both are gone.

    Args:
        bench: Where.
        image: Its name.
        restrictions: What the container may not do.
        health_interval_s: Seconds between two health checks; the image decides when None.
    """
    with (
        private_network(bench.engine, bench.settings) as network,
        RunningImage(
            bench.engine,
            bench.settings,
            image,
            network=network,
            environment=ADDRESSES,
            restrictions=restrictions or Restrictions(),
            health_interval_s=health_interval_s,
        ) as container,
    ):
        yield container


class NonRoot(ImageGate):
    """The image has a user of its own, and serves with no privilege at all and a file system that cannot be written."""

    name = "non-root"
    title = "Runs without root"
    command = f"{_RUN} --read-only --cap-drop ALL --security-opt no-new-privileges mission-control"
    all_well = "The service runs without root, without privileges, on a read-only file system."
    reasons: Mapping[str, str] = {
        **BUILD_REASONS,
        **RUN_REASONS,
        "RUNS_AS_ROOT": "The image runs as root: a hole in the service is a hole in the machine.",
        "NEEDS_PRIVILEGES": "The service does not start without privileges.",
    }

    def judge(self, bench: Bench) -> Finding:
        """Look at USER, then run it as a careful platform would."""
        image = bench.build().image
        config = (mission_images.inspect(bench.engine, image) or {}).get("Config") or {}
        user = str(config.get("User") or "").partition(":")[0]
        if user in ("", "0", "root"):
            return Finding(
                "RUNS_AS_ROOT",
                evidence=f"USER is {user or 'not set'}: the first process has user id 0",
                remedy="Add a line USER with a number, such as `USER 10001:10001`, before the ENTRYPOINT.",
            )
        try:
            with running(
                bench, image, restrictions=Restrictions(is_read_only=True, is_unprivileged=True)
            ) as container:
                container.wait_until_answering(timeout_s=START_S)
                user_id = container.user_id
        except ContainerEnded as exc:
            if any(words in exc.log.lower() for words in _DENIED):
                return Finding(
                    "NEEDS_PRIVILEGES",
                    evidence=exc.text,
                    remedy="Let the service write nowhere but /tmp, and give the files it reads to everybody.",
                )
            raise
        if user_id == 0:
            return Finding("RUNS_AS_ROOT", evidence="the first process has user id 0", remedy="Set USER.")
        return Finding(detail=f"User {user_id}.", numbers={"user_id": user_id})


class StopTime(ImageGate):
    """SIGTERM reaches the service: it stops by itself, and nobody has to kill it."""

    name = "stop-time"
    title = "Stops when it is told"
    command = (
        "time docker stop mission-control; docker inspect --format '{{.State.ExitCode}}' mission-control"
    )
    all_well = "The service stops when it is told."
    reasons: Mapping[str, str] = {
        **BUILD_REASONS,
        **RUN_REASONS,
        "SIGNAL_LOST": "SIGTERM does not reach the service: it is killed in the middle of its work.",
    }

    def judge(self, bench: Bench) -> Finding:
        """Start it, and stop it as Docker does."""
        image = bench.build().image
        with running(bench, image) as container:
            container.wait_until_answering(timeout_s=START_S)
            stopped = container.stop(grace_s=STOP_GRACE_S)
        numbers = {"stop_s": round(stopped.elapsed_s, 2), "exit_code": stopped.exit_code}
        if stopped.was_killed:
            config = (mission_images.inspect(bench.engine, image) or {}).get("Config") or {}
            return Finding(
                "SIGNAL_LOST",
                evidence=f"killed after {stopped.elapsed_s:.1f} s, exit code {stopped.exit_code}\n"
                f"ENTRYPOINT {config.get('Entrypoint')} CMD {config.get('Cmd')}",
                remedy='Write ENTRYPOINT and CMD as lists (`["python", "-m", "mission_control"]`), or `exec` in the script.',
                numbers=numbers,
            )
        return Finding(detail=f"It took {stopped.elapsed_s:.1f} s.", numbers=numbers)


class PublishedPort(ImageGate):
    """Whoever comes through the published port gets an answer."""

    name = "published-port"
    title = "Answers from outside"
    command = f"{_RUN} -p 8000:8000 mission-control; curl localhost:8000/healthz"
    all_well = "The service answers through its published port."
    reasons: Mapping[str, str] = {
        **BUILD_REASONS,
        **RUN_REASONS,
        "BINDS_LOOPBACK": "The service listens inside the container only: nobody outside can reach it.",
    }

    def judge(self, bench: Bench) -> Finding:
        """Ask from outside and from inside until one of them gets an answer."""
        image = bench.build().image
        with running(bench, image) as container:
            inside = ""

            def probe() -> Reading:
                nonlocal inside
                if not container.is_running:
                    container.wait_until_answering(timeout_s=0)  # raises with its last lines
                answer = container.get("/healthz", timeout_s=2.0)
                if answer.status == 200:
                    return Reading(True)
                if inside:
                    return Reading(True, _seen(answer, container.port))
                # Inside first, then once more outside: between the two questions it may just have started.
                inside = container.execute(("python", "-c", _ASK_INSIDE, str(container.port)))
                inside = inside if inside.strip().endswith("200") else ""
                return Reading(False, f"outside: {answer.status} {answer.body}\n{container.log()}")

            wait_until("the service answers", probe, timeout_s=START_S, fix="Read its last lines.")
            answer = container.get("/healthz")
            if answer.status == 200:
                return Finding(detail=f"Port {container.port}.")
            evidence = f"{_seen(answer, container.port)}\n{container.log()}"
        return Finding(
            "BINDS_LOOPBACK",
            evidence=evidence,
            remedy="Let the service listen on 0.0.0.0: remove what sets its address to 127.0.0.1 (MISSION_HOST).",
        )


def _seen(answer: Answer, port: int) -> str:
    return f"inside, port {port}: status 200; outside, through the published port: {answer.body}"


NON_ROOT = NonRoot()
STOP_TIME = StopTime()
PUBLISHED_PORT = PublishedPort()
