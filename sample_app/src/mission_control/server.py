"""Run the service, and stop it without losing a request.

On SIGTERM the service first says on `/readyz` that it is not ready, and goes on answering for `drain_s`
seconds, so that load balancers can turn away. Then it takes no more connections, finishes the requests
that are running, closes its pools and exits with 0.
"""

from __future__ import annotations

import logging
import signal
import sys
import time
from types import FrameType

import uvicorn
from fastapi import FastAPI

from mission_control.app import create_app
from mission_control.settings import Settings

log = logging.getLogger(__name__)


class DrainingServer(uvicorn.Server):
    """uvicorn, with a pause between "not ready" and "closed"."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, *, drain_s: float) -> None:
        super().__init__(config)
        self._app = app
        self._drain_s = drain_s
        self._stop_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        """Start draining; Ctrl-C, or being asked twice, stops at once."""
        self._app.state.is_draining = True
        if sig == signal.SIGTERM and self._stop_at is None:
            log.info("not ready any more, stopping in %g s", self._drain_s)
            self._stop_at = time.monotonic() + self._drain_s
        else:
            self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Asked by uvicorn ten times a second whether to stop."""
        if self._stop_at is not None and time.monotonic() >= self._stop_at:
            self.should_exit = True
        return await super().on_tick(counter)


def serve(settings: Settings) -> int:
    """Serve until told to stop.

    Returns:
        The exit code: 0 after an orderly stop, 3 when the service could not start.
    """
    logging.basicConfig(
        level=settings.log_level.upper(),
        stream=sys.stdout,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        timeout_graceful_shutdown=settings.shutdown_timeout_s,
    )
    server = DrainingServer(config, app, drain_s=settings.drain_s)
    server.run()
    return 0 if server.started else 3
