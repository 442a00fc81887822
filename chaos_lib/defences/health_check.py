"""The image has a health check of its own, which says yes to a service that works and no to one that does not."""

from __future__ import annotations

from collections.abc import Mapping

from chaos_lib.defences.container_runs import START_S, running
from chaos_lib.defences.image_gate import BUILD_REASONS, RUN_REASONS, Bench, Finding, ImageGate
from chaos_lib.errors import WaitTimeout
from chaos_lib.lab.builds import mission_images
from chaos_lib.lab.builds.running import RunningImage
from chaos_lib.wait import Reading, wait_until

_INTERVAL_S = 1.0
# Something that runs and serves nothing.
_NAP = ("python", "-c", "import signal; signal.pause()")


class HealthCheck(ImageGate):
    """HEALTHCHECK is there, becomes healthy, and notices when nobody serves."""

    name = "healthcheck"
    title = "Health check"
    command = "docker inspect --format '{{.State.Health.Status}}' mission-control"
    all_well = "The health check tells a service that works from one that does not."
    reasons: Mapping[str, str] = {
        **BUILD_REASONS,
        **RUN_REASONS,
        "HEALTHCHECK_MISSING": "The image has no health check: nobody notices when the service hangs.",
        "HEALTHCHECK_RED": "The service works, and its health check says that it does not.",
        "HEALTHCHECK_BLIND": "The health check is green although nobody serves.",
    }

    def judge(self, bench: Bench) -> Finding:
        """Look for it, run the service, then something that is no service."""
        image = bench.build().image
        config = (mission_images.inspect(bench.engine, image) or {}).get("Config") or {}
        check = (config.get("Healthcheck") or {}).get("Test") or []
        if not check or check == ["NONE"]:
            return Finding("HEALTHCHECK_MISSING", remedy="Add a HEALTHCHECK that asks /healthz with Python.")
        try:
            with running(bench, image, health_interval_s=_INTERVAL_S) as container:
                container.wait_until_answering(timeout_s=START_S)
                container.wait_until_healthy(timeout_s=START_S)
        except WaitTimeout as exc:
            return Finding(
                "HEALTHCHECK_RED",
                evidence=f"{check}\n{exc.evidence}",
                remedy="Run the check by hand: `docker exec`. A slim image has no curl; Python can ask, too.",
            )
        with RunningImage(
            bench.engine,
            bench.settings,
            image,
            entrypoint=_NAP,
            health_interval_s=_INTERVAL_S,
            is_strict=True,
        ) as idle:
            wait_until(
                "the health check has spoken",
                lambda: Reading(idle.health in ("healthy", "unhealthy"), idle.health),
                timeout_s=START_S,
            )
            if idle.health == "healthy":
                return Finding(
                    "HEALTHCHECK_BLIND",
                    evidence=f"{check} says healthy in a container that serves nothing",
                    remedy="Ask the service itself: GET /healthz.",
                )
        return Finding()


HEALTH_CHECK = HealthCheck()
