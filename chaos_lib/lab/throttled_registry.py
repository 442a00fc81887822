"""An image registry that has had enough: it answers every pull with 429, as a public one does over its limit."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

_RETRY_AFTER_S = 3600
_BODY = json.dumps(
    {
        "errors": [
            {
                "code": "TOOMANYREQUESTS",
                "message": "You have reached your pull rate limit.",
            }
        ]
    }
).encode()


class ThrottledRegistry:
    """Listens on a free port of this machine while its block runs, and speaks as much of the registry's API as a refusal needs.

    `GET /v2/` is answered (so that clients take it for a registry), everything else is 429 with the error `TOOMANYREQUESTS`
    and the header `Retry-After`. Engines talk to a registry on `localhost` without TLS.

    Source: OCI distribution specification, "Error Codes".
    """

    def __init__(self) -> None:
        self._refused: list[str] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                is_ping = self.path.rstrip("/") == "/v2"
                if not is_ping:
                    owner._refused.append(f"{self.command} {self.path}")
                body = b"{}" if is_ping else _BODY
                self.send_response(200 if is_ping else 429)
                self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                if not is_ping:
                    self.send_header("Retry-After", str(_RETRY_AFTER_S))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

            def log_message(self, *_: object) -> None:
                """Say nothing on stderr."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="registry", daemon=True)

    @property
    def address(self) -> str:
        """What stands before the slash in an image's name: `localhost:41234`."""
        return f"localhost:{self._server.server_address[1]}"

    @property
    def refused(self) -> tuple[str, ...]:
        """What was asked for and refused, such as `GET /v2/mission-control/manifests/1.0.0`."""
        return tuple(self._refused)

    def __enter__(self) -> ThrottledRegistry:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
