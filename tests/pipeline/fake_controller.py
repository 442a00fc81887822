"""A small HTTP server that answers as a Jenkins controller does: the documented shapes, errors and slowness included."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

USER, TOKEN = "ann", "11aa22bb-api-token"
VALID = "Jenkinsfile successfully validated.\n"
DOWN = "<html><body>Please wait while Jenkins is getting ready to work</body></html>"


@dataclass
class Sent:
    """One request that came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: str


@dataclass
class Reply:
    """One answer."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    waits: threading.Event | None = None
    hangs_up: bool = False


@dataclass
class FakeController:
    """What the controller has, and how it misbehaves.

    Attributes:
        pieces: The console, one piece for each question.
        stages: The stage view, one state for each question; the last one stays.
    """

    url: str = ""
    log: list[Sent] = field(default_factory=list)
    validation: str = VALID
    jobs: dict[str, str] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)
    queue: list[dict[str, Any]] = field(default_factory=lambda: [{"executable": {"number": 7}}])
    pieces: list[str] = field(
        default_factory=lambda: ["[Pipeline] Start of Pipeline\n", "Finished: SUCCESS\n"]
    )
    stages: list[dict[str, Any]] = field(default_factory=lambda: [describe()])
    inputs: list[dict[str, Any]] = field(default_factory=list)
    info: dict[str, Any] = field(
        default_factory=lambda: {"building": False, "result": "SUCCESS", "duration": 1500}
    )
    tests: dict[str, int] | None = None
    crumb: str = "crumb-1"
    wrongs: list[tuple[re.Pattern[str], Reply]] = field(default_factory=list)
    needs_crumb: bool = True
    holds: threading.Event | None = None

    def goes_wrong(self, path: str, reply: Reply, *, times: int = 1) -> None:
        """Answer the next requests to a path with this."""
        self.wrongs += [(re.compile(path), reply)] * times

    def sent(self, path: str) -> list[Sent]:
        return [each for each in self.log if re.search(path, each.path)]

    def answer(self, sent: Sent, headers: Any) -> Reply:
        self.log.append(sent)
        for at, (pattern, reply) in enumerate(self.wrongs):
            if pattern.search(sent.path):
                self.wrongs.pop(at)
                return reply
        expected = "Basic " + base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
        if headers.get("Authorization") != expected:
            return Reply(401, "<html>Unauthorized</html>")
        is_linter = "pipeline-model-converter" in sent.path
        if (
            sent.method == "POST"
            and self.needs_crumb
            and not is_linter
            and headers.get("Jenkins-Crumb") != self.crumb
        ):
            return Reply(403, "<html>HTTP ERROR 403 No valid crumb was included in the request</html>")
        for pattern, action in self._routes().items():
            found = re.fullmatch(pattern, sent.path)
            if found:
                return action(sent, *found.groups())
        return Reply(404, "<html>Not Found</html>")

    def _routes(self) -> dict[str, Callable[..., Reply]]:
        job = r"/(job/[^/]+(?:/job/[^/]+)*)/"
        return {
            r"/api/json": lambda sent: _json({"mode": "NORMAL"}),
            r"/crumbIssuer/api/json": lambda sent: _json(
                {"crumb": self.crumb, "crumbRequestField": "Jenkins-Crumb"}
            ),
            r"/pipeline-model-converter/validate": lambda sent: Reply(body=self.validation),
            r"/(?:job/[^/]+/)*createItem": self._create,
            job + r"config\.xml": self._configure,
            job + r"api/json": lambda sent, job: self._job(job),
            job + r"build(?:WithParameters)?": lambda sent, job: Reply(
                201, headers={"Location": f"{self.url}queue/item/25/"}
            ),
            r"/queue/item/25/api/json": lambda sent: _json(
                self.queue.pop(0) if len(self.queue) > 1 else self.queue[0]
            ),
            r"/queue/cancelItem": lambda sent: Reply(204),
            job + r"7/logText/progressiveText": self._console,
            job + r"7/wfapi/describe": lambda sent, job: _json(
                self.stages.pop(0) if len(self.stages) > 1 else self.stages[0]
            ),
            job + r"7/wfapi/pendingInputActions": lambda sent, job: _json(self.inputs),
            job + r"7/wfapi/inputSubmit": self._submitted,
            job + r"7/input/[^/]+/(?:proceedEmpty|abort)": self._submitted,
            job + r"7/execution/node/5/wfapi/describe": lambda sent, job: _json(
                {
                    "id": "5",
                    "name": "Build",
                    "status": "SUCCESS",
                    "stageFlowNodes": [{"id": "6"}, {"id": "7"}],
                }
            ),
            job + r"7/execution/node/6/wfapi/log": lambda sent, job: _json(
                {"nodeId": "6", "text": "+ make\n"}
            ),
            job + r"7/api/json": lambda sent, job: _json(self.info),
            job + r"7/testReport/api/json": lambda sent, job: (
                Reply(404) if self.tests is None else _json(self.tests)
            ),
            job + r"7/(?:stop|term|kill)": self._stopped,
            r"/credentials/store/system/domain/_/api/json": lambda sent: _json(
                {"credentials": [{"id": each} for each in self.credentials]}
            ),
            r"/credentials/store/system/domain/_/createCredentials": self._keep,
            r"/credentials/store/system/domain/_/credential/([^/]+)/config\.xml": self._keep,
            r"/credentials/store/system/domain/_/credential/([^/]+)/doDelete": self._forget,
        }

    def _job(self, job: str) -> Reply:
        if job not in self.jobs:
            return Reply(404)
        found = re.search(r"<description>(.*?)</description>", self.jobs[job])
        return _json({"description": found.group(1) if found else ""})

    def _create(self, sent: Sent) -> Reply:
        folder = sent.path.removesuffix("createItem").strip("/")
        self.jobs["/".join(filter(None, [folder, f"job/{sent.query['name'][0]}"]))] = sent.body
        return Reply(200)

    def _configure(self, sent: Sent, job: str) -> Reply:
        self.jobs[job] = sent.body
        return Reply(200)

    def _console(self, sent: Sent, job: str) -> Reply:
        start, whole = int(sent.query["start"][0]), "".join(self.pieces)
        size = 0
        for piece in self.pieces:
            size += len(piece)
            if size > start:
                break
        has_more = size < len(whole) or (self.holds is not None and not self.holds.is_set())
        headers = {"X-Text-Size": str(size), **({"X-More-Data": "true"} if has_more else {})}
        return Reply(body=whole[start:size], headers=headers)

    def _submitted(self, sent: Sent, *_: str) -> Reply:
        self.inputs = []
        self.stages = [describe()]
        return Reply(200)

    def _stopped(self, sent: Sent, job: str) -> Reply:
        self.info = {"building": False, "result": "ABORTED", "duration": 10}
        if self.holds is not None:
            self.holds.set()
        return Reply(302, headers={"Location": f"{self.url}api/json"})

    def _keep(self, sent: Sent, *_: str) -> Reply:
        found = re.search(r"<id>(.*?)</id>", sent.body)
        assert found is not None
        self.credentials[found.group(1)] = sent.body
        return Reply(200)

    def _forget(self, sent: Sent, credential: str) -> Reply:
        self.credentials.pop(credential, None)
        return Reply(200)


def describe(status: str = "SUCCESS", *stages: tuple[str, str, str]) -> dict[str, Any]:
    """A stage view as the plugin documents it."""
    return {
        "_links": {"self": {"href": "/job/demo/7/wfapi/describe"}},
        "id": "7",
        "name": "#7",
        "status": status,
        "startTimeMillis": 1413461275770,
        "durationMillis": 10229,
        "stages": [
            {
                "id": each,
                "name": name,
                "status": how,
                "startTimeMillis": 1413461275770,
                "durationMillis": 5228,
            }
            for each, name, how in stages or [("5", "Build", "SUCCESS")]
        ],
    }


def _json(value: Any) -> Reply:
    return Reply(body=json.dumps(value), headers={"Content-Type": "application/json", "X-Jenkins": "2.479.3"})


@contextmanager
def serving() -> Iterator[FakeController]:
    """A controller that answers for as long as the block runs."""
    fake = FakeController()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            reply = fake.answer(Sent(self.command, parts.path, parse_qs(parts.query), body), self.headers)
            if reply.waits is not None:
                reply.waits.wait(60)
            if reply.hangs_up:
                self.close_connection = True
                return
            content = reply.body.encode()
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(content)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _do  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass  # a client that was not patient enough

    server = Server(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
