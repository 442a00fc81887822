"""The real provider, against a server of a few lines: what is sent, and what becomes of the answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from chaos_lib.cluster.api import Deed
from chaos_lib.cluster.kubernetes_api import KubernetesApi
from chaos_lib.cluster.objects import Key
from chaos_lib.errors import ClusterRefused, ClusterUnavailable

CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"a": "1"}}
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {"ports": [{"name": "http", "port": 80}]},
}
CORE = {
    "resources": [
        {"name": "configmaps", "kind": "ConfigMap", "namespaced": True},
        {"name": "services", "kind": "Service", "namespaced": True},
        {"name": "services/proxy", "kind": "ServiceProxyOptions", "namespaced": True},
        {"name": "namespaces", "kind": "Namespace", "namespaced": False},
    ]
}


class Server:
    """Answers from a script: `METHOD path` to status and body, or to a list of such, one a call."""

    def __init__(self) -> None:
        self.script: dict[str, Any] = {
            "GET /api/v1": (200, CORE),
            "GET /version": (200, {"major": "1", "minor": "20+"}),
        }
        self.asked: list[tuple[str, str, str, Any]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                path, _, query = self.path.partition("?")
                server.asked.append((self.command, path, query, body))
                found = server.script.get(
                    f"{self.command} {path}", (404, {"reason": "NotFound", "message": "not found"})
                )
                if isinstance(found, list):
                    found = found.pop(0) if len(found) > 1 else found[0]
                status, content = found
                text = (content if isinstance(content, str) else json.dumps(content)).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path, _, _ in self.asked if method != "GET"]


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()


def kubeconfig(tmp_path: Path, url: str) -> Path:
    path = tmp_path / "kubeconfig"
    path.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: production\n"
        "contexts: [{name: lab, context: {cluster: lab, user: u}}, {name: production, context: {cluster: p, user: u}}]\n"
        f"clusters: [{{name: lab, cluster: {{server: '{url}'}}}}, {{name: p, cluster: {{server: 'http://127.0.0.1:9'}}}}]\n"
        "users: [{name: u, user: {token: none}}]\n"
    )
    return path


@pytest.fixture
def api(server: Server, tmp_path: Path) -> Iterator[KubernetesApi]:
    found = KubernetesApi(kubeconfig(tmp_path, server.url), "lab", "ours")
    yield found
    found.close()


def at(name: str) -> str:
    return f"/api/v1/namespaces/ours/configmaps/{name}"


def test_an_object_is_read_where_it_is_and_nowhere_else(api: KubernetesApi, server: Server) -> None:
    server.script[f"GET {at('settings')}"] = (200, CONFIG)

    assert api.read(Key("v1", "ConfigMap", "settings")) == CONFIG
    assert api.read(Key("v1", "ConfigMap", "none")) is None
    assert api.read(Key("v9", "ConfigMap", "none")) is None


def test_the_items_of_a_list_say_what_they_are(api: KubernetesApi, server: Server) -> None:
    server.script["GET /api/v1/namespaces/ours/configmaps"] = (200, {"items": [{"metadata": {"name": "a"}}]})

    (found,) = api.list("v1", "ConfigMap", {"app": "x"})

    assert (found["apiVersion"], found["kind"]) == ("v1", "ConfigMap")
    assert server.asked[-1][2] == "labelSelector=app%3Dx"


def test_an_apply_is_server_side_and_forced(api: KubernetesApi, server: Server) -> None:
    server.script[f"PATCH {at('settings')}"] = (200, CONFIG)

    api.apply(CONFIG)
    api.apply(CONFIG, is_dry_run=True)

    queries = [query for method, _, query, _ in server.asked if method == "PATCH"]
    assert queries == ["fieldManager=opchaos&force=true", "fieldManager=opchaos&force=true&dryRun=All"]


def test_ports_are_sent_with_their_protocol(api: KubernetesApi, server: Server) -> None:
    server.script["PATCH /api/v1/namespaces/ours/services/web"] = (200, SERVICE)

    api.apply(SERVICE)

    assert server.asked[-1][3]["spec"]["ports"] == [{"name": "http", "port": 80, "protocol": "TCP"}]
    assert "protocol" not in SERVICE["spec"]["ports"][0]


def test_an_apply_that_old_servers_spoil_is_done_by_replacing(api: KubernetesApi, server: Server) -> None:
    fields = [{"manager": "opchaos", "operation": "Apply"}, {"manager": "opchaos", "operation": "Update"}]
    there = {**CONFIG, "metadata": {"name": "settings", "resourceVersion": "7", "managedFields": fields}}
    invalid = (422, {"reason": "Invalid", "message": "httpGet.port: 0"})
    server.script[f"GET {at('settings')}"] = (200, there)
    server.script[f"PATCH {at('settings')}"] = [invalid, (200, there), (200, CONFIG)]
    server.script[f"PUT {at('settings')}"] = (200, there)

    api.apply(CONFIG)

    patches = [body for method, _, _, body in server.asked if method == "PATCH"]
    assert [method for method, _ in server.writes] == ["PATCH", "PUT", "PATCH", "PATCH"]
    assert patches[-1] == [
        {"op": "test", "path": "/metadata/resourceVersion", "value": "7"},
        {"op": "replace", "path": "/metadata/managedFields", "value": fields[:1]},
    ]


def test_what_is_wrong_after_replacing_is_wrong(api: KubernetesApi, server: Server) -> None:
    server.script[f"GET {at('settings')}"] = (
        200,
        {**CONFIG, "metadata": {"name": "settings", "resourceVersion": "7"}},
    )
    server.script[f"PATCH {at('settings')}"] = (422, {"reason": "Invalid", "message": "spoilt"})
    server.script[f"PUT {at('settings')}"] = (422, {"reason": "Invalid", "message": "maxSurge: may not be 0"})

    with pytest.raises(ClusterRefused) as caught:
        api.apply(CONFIG)
    assert caught.value.evidence == "maxSurge: may not be 0"
    assert caught.value.reason == "Invalid"
    assert "the field or the right" in caught.value.fix


def test_who_replaces_wins_over_somebody_who_wrote_in_between(api: KubernetesApi, server: Server) -> None:
    versions = [
        (200, {**CONFIG, "metadata": {"name": "settings", "resourceVersion": number}}) for number in "12"
    ]
    server.script[f"GET {at('settings')}"] = versions
    server.script[f"PUT {at('settings')}"] = [(409, {"reason": "Conflict"}), (200, CONFIG)]

    api.replace(CONFIG)

    sent = [body["metadata"]["resourceVersion"] for method, _, _, body in server.asked if method == "PUT"]
    assert sent == ["1", "2"]


def test_what_is_not_there_is_created(api: KubernetesApi, server: Server) -> None:
    server.script["POST /api/v1/namespaces/ours/configmaps"] = (201, CONFIG)

    api.replace(CONFIG)

    assert server.writes == [("POST", "/api/v1/namespaces/ours/configmaps")]


def test_a_delete_returns_when_the_object_is_gone_whatever_the_server_answers(
    api: KubernetesApi, server: Server
) -> None:
    path = "/api/v1/namespaces/ours/services/web"
    server.script[f"GET {path}"] = [(200, SERVICE), (200, SERVICE), (404, {})]
    # A Status, where the client's typed models want a Service.
    server.script[f"DELETE {path}"] = (200, {"kind": "Status", "status": "Success"})

    api.delete(Key("v1", "Service", "web"))

    assert [method for method, *_ in server.asked[-4:]] == ["GET", "DELETE", "GET", "GET"]
    api.delete(Key("v1", "ConfigMap", "none"))


def test_a_kind_that_is_not_served_is_refused_as_kubectl_would_say_it(api: KubernetesApi) -> None:
    with pytest.raises(
        ClusterRefused, match='no matches for kind "Deployment" in version "extensions/v1beta1"'
    ) as caught:
        api.apply({**CONFIG, "apiVersion": "extensions/v1beta1", "kind": "Deployment"})
    assert caught.value.reason == "UnknownKind"
    assert "Kubernetes 1.20" in caught.value.evidence
    assert "api-resources" in caught.value.fix
    assert not api.has("policy/v1", "PodDisruptionBudget")


def test_rights_are_asked_for_the_account(api: KubernetesApi, server: Server) -> None:
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    server.script[f"POST {path}"] = [
        (201, {"status": {"allowed": True}}),
        (201, {"status": {"allowed": False}}),
    ]

    answers = [
        api.can("deployer", Deed("get", "", "pods", "log")),
        api.can("deployer", Deed("patch", "apps", "deployments")),
    ]

    assert answers == [True, False]
    spec = server.asked[-2][3]["spec"]
    assert spec["user"] == "system:serviceaccount:ours:deployer"
    assert spec["resourceAttributes"]["subresource"] == "log"


def test_a_service_is_asked_through_the_api_server(api: KubernetesApi, server: Server) -> None:
    server.script["GET /api/v1/namespaces/ours/services/web"] = (200, SERVICE)
    proxy = "GET /api/v1/namespaces/ours/services/web:http/proxy"
    server.script[f"{proxy}/readyz"] = (503, '{"status": "not ready"}')
    server.script[f"{proxy}/healthz"] = (
        503,
        {"kind": "Status", "message": 'no endpoints available for service "web"'},
    )

    assert api.get("web", "/readyz").status == 503
    assert (api.get("web", "/healthz").status, api.get("web", "/healthz").body) == (
        0,
        'no endpoints available for service "web"',
    )
    assert api.get("none", "/").status == 0


def test_a_log_that_is_not_there_is_empty(api: KubernetesApi, server: Server) -> None:
    server.script["GET /api/v1/namespaces/ours/pods/web-1/log"] = (200, "last words\n")

    assert api.logs("web-1", "web", is_previous=True) == "last words\n"
    assert "previous=true" in server.asked[-1][2]
    assert api.logs("web-2", "web") == ""


def test_the_named_context_is_used_and_never_the_current_one(api: KubernetesApi, server: Server) -> None:
    # Production, the current one, leads to a port where nobody listens.
    assert api.version() == "1.20"


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    silent = KubernetesApi(kubeconfig(tmp_path, "http://127.0.0.1:9"), "lab", "ours")

    with pytest.raises(ClusterUnavailable, match="behind the context `lab` does not answer") as caught:
        silent.version()
    assert "kubeconfig" in caught.value.evidence
    assert "opchaos up" in caught.value.fix


@pytest.mark.parametrize("context", ["nobody", "lab"])
def test_a_kubeconfig_that_cannot_be_read_or_has_no_such_context_is_told(
    context: str, tmp_path: Path
) -> None:
    path = kubeconfig(tmp_path, "http://127.0.0.1:9") if context == "nobody" else tmp_path / "none"

    with pytest.raises(ClusterUnavailable):
        KubernetesApi(path, context, "ours").version()


def test_the_kubeconfig_is_only_read(api: KubernetesApi) -> None:
    before = (api.kubeconfig.read_bytes(), api.kubeconfig.stat().st_mtime_ns)

    api.version()

    assert (api.kubeconfig.read_bytes(), api.kubeconfig.stat().st_mtime_ns) == before
