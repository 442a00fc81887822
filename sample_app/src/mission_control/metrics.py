"""The numbers that Prometheus collects. Each app has its own registry, so that two apps in one test do not mix."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Metrics:
    """What the service counts and measures."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "mission_control_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.latency_s = Histogram(
            "mission_control_request_seconds",
            "Seconds until a request was answered.",
            ["route"],
            registry=self.registry,
        )
        self.cache_lookups = Counter(
            "mission_control_cache_lookups",
            "Looks into the mission cache.",
            ["result"],
            registry=self.registry,
        )
        self.cache_failures = Counter(
            "mission_control_cache_failures",
            "Calls that Redis did not answer.",
            registry=self.registry,
        )

    def render(self) -> bytes:
        """All numbers in Prometheus' text format."""
        return generate_latest(self.registry)


class MeasureRequests:
    """ASGI middleware that counts and times every HTTP request."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, then note what came of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500  # what the client gets when the app raises before it answers

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        started = time.perf_counter()
        try:
            await self._app(scope, receive, send_noting_status)
        finally:
            route = _route_of(scope)
            self._metrics.requests.labels(scope["method"], route, str(status)).inc()
            self._metrics.latency_s.labels(route).observe(time.perf_counter() - started)


def _route_of(scope: Scope) -> str:
    """The path's pattern, not the path: one time series a route instead of one a mission."""
    return getattr(scope.get("route"), "path", "unmatched")
