"""What every request passes first: how often, how large, and what browsers must not do with the answer."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; "
        b"base-uri 'none'; frame-ancestors 'none'",
    ),
)
_DOCS = ("/docs", "/openapi.json")


class Headers:
    """Adds the headers that keep pages from being framed, indexed, sniffed or cached."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start" and not scope["path"].startswith(_DOCS):
                message["headers"] = [*message.get("headers", []), *_HEADERS]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class RateLimit:
    """Refuses an address that asks too often, before anything is read or worked out.

    Args:
        app: What comes next.
        write_limit: For requests that change something.
        read_limit: For all others.
    """

    def __init__(self, app: App, *, write_limit: str, read_limit: str) -> None:
        self._app = app
        self._limits: dict[bool, RateLimitItem] = {True: parse(write_limit), False: parse(read_limit)}
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        changes = scope["method"] not in ("GET", "HEAD", "OPTIONS")
        limit, address = self._limits[changes], (scope.get("client") or ("unknown", 0))[0]
        if self._limiter.hit(limit, str(changes), address):
            await self._app(scope, receive, send)
            return
        wait_s = max(
            1, round(self._limiter.get_window_stats(limit, str(changes), address).reset_time - time.time())
        )
        await refuse(
            send,
            429,
            "Too many requests from this address.",
            f"more than {limit}",
            f"Wait {wait_s} s, then try again.",
            (b"retry-after", str(wait_s).encode()),
        )


class SizeLimit:
    """Refuses a request whose body is too large, whatever its length says.

    Args:
        app: What comes next.
        largest_bytes: The largest body.
    """

    def __init__(self, app: App, *, largest_bytes: int) -> None:
        self._app = app
        self._largest = largest_bytes

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Read the body as far as it may go, and pass the request on; or refuse it."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        told = dict(scope["headers"]).get(b"content-length", b"0")
        body, has_more = b"", True
        is_large = told.isdigit() and int(told) > self._largest
        while has_more and not is_large:
            message = await receive()
            if message["type"] != "http.request":
                return  # the client has gone
            body += message.get("body", b"")
            has_more = message.get("more_body", False)
            is_large = len(body) > self._largest
        if is_large:
            await refuse(
                send,
                413,
                "The request is too large.",
                f"more than {self._largest} bytes",
                "Send the certificate or the mission log as it is.",
            )
            return
        parts = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return parts.pop() if parts else await receive()

        await self._app(scope, again, send)


async def refuse(
    send: Send, status: int, what: str, evidence: str, fix: str, *headers: tuple[bytes, bytes]
) -> None:
    """Answer with a problem."""
    body = json.dumps({"what": what, "evidence": evidence, "fix": fix}).encode()
    start = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
