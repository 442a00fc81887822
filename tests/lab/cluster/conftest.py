"""Programs that play a part, and API servers that answer with a version."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from chaos_lib.contexts import Contexts

# Notes its arguments and the variables that matter, then does what its part for the first argument that matches says.
_PROGRAM = """#!/usr/bin/env python3
import json, os, pathlib, sys
here = pathlib.Path({folder!r})
part = json.loads((here / "parts.json").read_text())
seen = {{n: os.environ.get(n, "") for n in ("KUBECONFIG", "DOCKER_HOST")}}
with (here / "calls.jsonl").open("a") as calls:
    calls.write(json.dumps([sys.argv[1:], seen]) + "\\n")
line = " ".join(sys.argv[1:])
for words, (code, output, copied) in part.items():
    if words in line:
        if copied:
            target = os.environ["KUBECONFIG"] if copied[1] == "KUBECONFIG" else sys.argv[sys.argv.index(copied[1]) + 1]
            pathlib.Path(target).write_text(copied[0])
        print(output)
        sys.exit(code)
"""


class Actor:
    """A program on PATH that plays a part.

    Attributes:
        folder: Where it is.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder / f"{name}-part"
        self.folder.mkdir()
        self._parts: dict[str, tuple[int, str, tuple[str, str] | None]] = {}
        program = folder / name
        program.write_text(_PROGRAM.format(folder=str(self.folder)))
        program.chmod(0o755)
        self.plays("")

    def plays(
        self, words: str, *, code: int = 0, output: str = "", writes: tuple[str, str] | None = None
    ) -> None:
        """Set what it does when its arguments contain these words.

        Args:
            words: Part of the command line.
            code: Its exit code.
            output: What it prints.
            writes: A kubeconfig that it writes, and where to: the option that names the file, or `KUBECONFIG`.
        """
        self._parts.pop("", None)
        self._parts[words] = (code, output, writes)
        self._parts[""] = (0, "", None) if words else (code, output, writes)
        (self.folder / "parts.json").write_text(json.dumps(self._parts))

    @property
    def calls(self) -> list[tuple[list[str], dict[str, str]]]:
        """What it was called with: arguments and variables, the first call first."""
        path = self.folder / "calls.jsonl"
        return [tuple(json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []  # type: ignore[misc]

    @property
    def command_lines(self) -> list[str]:
        """The arguments of all calls."""
        return [" ".join(arguments) for arguments, _ in self.calls]


@pytest.fixture
def actor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Actor]:
    """Makes programs that come first on PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return lambda name: Actor(folder, name)


class ApiServer:
    """An API server that knows its version and namespaces.

    Attributes:
        url: Where it is.
        namespaces: Those that there are.
        requests: Method and path, the first first.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.namespaces = {"default"}
        self.requests: list[str] = []

    def kubeconfig(self, context: str) -> str:
        """Return a kubeconfig for it."""
        return yaml.safe_dump(kubeconfig_of({context: self.url}))


@pytest.fixture
def api_server() -> Iterator[ApiServer]:
    """A small API server on the loopback interface."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            if self.path.startswith("/version"):
                self._answer(200, {"gitVersion": "v1.31.2"})
            elif name in server.namespaces:
                self._answer(200, {"metadata": {"name": name}})
            else:
                self._answer(404, {"reason": "NotFound"})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.namespaces.add(body["metadata"]["name"])
            self._answer(201, body)

        def do_DELETE(self) -> None:
            server.namespaces.discard(self.path.partition("?")[0].rpartition("/")[2])
            self._answer(200, {"kind": "Namespace"})

        def _answer(self, status: int, body: Mapping[str, object]) -> None:
            server.requests.append(f"{self.command} {self.path.partition('?')[0]}")
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    with serving(Handler) as url:
        server = ApiServer(url)
        yield server


@contextlib.contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve on a free port; yields the URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def kubeconfig_of(servers: Mapping[str, str], *, current: str = "") -> dict[str, object]:
    """Return a kubeconfig with these contexts: name to URL."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": current or next(iter(servers)),
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in servers],
        "clusters": [{"name": name, "cluster": {"server": url}} for name, url in servers.items()],
        "users": [{"name": name, "user": {"token": f"token-of-{name}"}} for name in servers],
    }


@pytest.fixture
def users_kubeconfig(tmp_path: Path, api_server: ApiServer) -> Path:
    """The user's file: a cluster to play on, and production, which is the current context."""
    path = tmp_path / "home" / "config"
    path.parent.mkdir()
    servers = {"playground": api_server.url, "production": "https://127.0.0.1:1"}
    path.write_text(yaml.safe_dump(kubeconfig_of(servers, current="production")))
    return path


def allow(contexts: Contexts, name: str, kubeconfig: Path) -> None:
    """Allow a context, as a user who says yes twice does."""
    assert contexts.allow(name, kubeconfig, asks=lambda _: True) is not None
