"""The API server of a real cluster, through the official client: its sign-in, its TLS, its connections.

Objects travel as the JSON that the server speaks. The client's typed models are not used: they reject answers that are
right (deleting a Service gives a Status, the models of release 36 and later want a Service).
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from chaos_lib.cluster.api import Deed, HttpAnswer
from chaos_lib.cluster.objects import Json, Key, containers_of, key_of
from chaos_lib.errors import ClusterRefused, ClusterUnavailable
from chaos_lib.settings import Tier
from chaos_lib.wait import Reading, wait_until

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

MANAGER = "opchaos"
_TIMEOUT_S = 15.0
_CONFLICTS = 5
_GONE_TIMEOUT_S = 60.0
_UNREACHABLE_FIX = "`opchaos status` says whether the cluster runs, `opchaos up` starts it."


class KubernetesApi:
    """One namespace of a real cluster; connects when it is first asked.

    Args:
        kubeconfig: The file; it is only read, and nothing is taken from the surroundings.
        context: The context in it; never the current one by default.
        namespace: The namespace.
    """

    tier = Tier.LIVE

    def __init__(self, kubeconfig: Path, context: str, namespace: str) -> None:
        self.kubeconfig, self.context, self.namespace = kubeconfig, context, namespace
        self._connected: ApiClient | None = None
        self._resources: dict[str, Mapping[str, Json]] = {}

    def close(self) -> None:
        """Close its connections; it may be used again."""
        if self._connected is not None:
            self._connected.rest_client.pool_manager.clear()
            self._connected = None

    def read(self, key: Key) -> Json | None:
        """Return an object, or None when there is none."""
        path = self._path(key)
        return None if path is None else self._ask("GET", path, is_missing_fine=True)

    def list(self, api_version: str, kind: str, labels: Mapping[str, str] | None = None) -> Sequence[Json]:
        """Return the namespace's objects of a kind that carry these labels."""
        path = self._path(Key(api_version, kind, ""))
        if path is None:
            return ()
        selector = ",".join(f"{name}={value}" for name, value in (labels or {}).items())
        found = self._ask("GET", path, [("labelSelector", selector)] if selector else [])
        assert found is not None
        # The items of a list do not repeat what they are.
        return [{"apiVersion": api_version, "kind": kind, **item} for item in found.get("items") or ()]

    def apply(self, body: Json, *, is_dry_run: bool = False) -> Json:
        """Apply an object on the server's side, and return what it is now."""
        try:
            return self._apply(body, is_dry_run=is_dry_run)
        except ClusterRefused as refused:
            if refused.reason != "Invalid" or self.read(key_of(body)) is None:
                raise
        # Kubernetes 1.20 takes a probe's or a variable's fields away and leaves an empty `httpGet: {}` or `valueFrom: {}`
        # behind, which it then finds invalid. Replaced as a whole the object is right, or it was wrong all along.
        found = self.replace(body, is_dry_run=is_dry_run)
        return found if is_dry_run else self._own_alone(body)

    def replace(self, body: Json, *, is_dry_run: bool = False) -> Json:
        """Create an object, or replace it as a whole; what is not in `body` goes.

        Who replaces wins: a resourceVersion in `body` is not asked for. The server wants one for some kinds, so the present
        one is sent, and asked for again when somebody wrote in between.
        """
        key, query = key_of(body), [("fieldManager", MANAGER), *_dry_run(is_dry_run)]
        path = self._known_path(key)
        for is_last in (*(False,) * (_CONFLICTS - 1), True):
            there = self.read(key)
            try:
                if there is None:
                    found = self._ask("POST", path.rpartition("/")[0], query, body=body)
                else:
                    metadata = {**body["metadata"], "resourceVersion": there["metadata"]["resourceVersion"]}
                    found = self._ask("PUT", path, query, body={**body, "metadata": metadata})
            except ClusterRefused as refused:
                if is_last or refused.reason not in ("Conflict", "AlreadyExists"):
                    raise
                continue
            assert found is not None
            return found
        raise AssertionError("the last round returns or raises")

    def delete(self, key: Key, *, grace_s: int | None = None) -> None:
        """Delete an object and return when it is gone; nothing happens when there is none."""
        path = self._path(key)
        if path is None or self.read(key) is None:
            return
        query = [("propagationPolicy", "Background")]
        if grace_s is not None:
            query.append(("gracePeriodSeconds", str(grace_s)))
        self._ask("DELETE", path, query, is_missing_fine=True)
        wait_until(
            f"{key.in_words} is gone",
            lambda: Reading(self.read(key) is None, "it is still there"),
            timeout_s=_GONE_TIMEOUT_S,
            fix=f"`kubectl get {key.in_words} -o yaml` shows the finalizer that holds it.",
        )

    def logs(self, pod: str, container: str, *, is_previous: bool = False, lines: int = 20) -> str:
        """Return the last lines of a container's log, or of the container that ran before it; empty when there is none."""
        path = f"/api/v1/namespaces/{self.namespace}/pods/{quote(pod)}/log"
        query = [("container", container), ("tailLines", str(lines)), ("previous", str(is_previous).lower())]
        status, text = self._send("GET", path, query)
        return text if status == 200 else ""

    def can(self, account: str, deed: Deed) -> bool:
        """Whether a service account of the namespace may do it."""
        attributes = {"namespace": self.namespace, "verb": deed.verb, "group": deed.group}
        attributes |= {"resource": deed.resource, "subresource": deed.subresource}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {
                "user": f"system:serviceaccount:{self.namespace}:{account}",
                "groups": [
                    "system:serviceaccounts",
                    f"system:serviceaccounts:{self.namespace}",
                    "system:authenticated",
                ],
                "resourceAttributes": attributes,
            },
        }
        found = self._ask("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", body=review)
        return bool(found and found["status"]["allowed"])

    def get(self, service: str, path: str) -> HttpAnswer:
        """Ask a Service over HTTP, through the API server; the first port of it."""
        found = self.read(Key("v1", "Service", service))
        if found is None:
            return HttpAnswer(0, f"There is no Service `{service}`.")
        port = found["spec"]["ports"][0]
        where = f"{service}:{port.get('name') or port['port']}"
        proxy = f"/api/v1/namespaces/{self.namespace}/services/{where}/proxy{path}"
        status, text = self._send("GET", proxy)
        # The API server itself answers 503 with a Status when nobody stands behind the Service.
        if status == 503 and '"kind":"Status"' in text.replace(" ", ""):
            return HttpAnswer(0, str(_parsed(text).get("message", text)))
        return HttpAnswer(status, text)

    def version(self) -> str:
        """Return the server's version, such as `1.20`."""
        found = self._ask("GET", "/version")
        assert found is not None
        return f"{found['major']}.{str(found['minor']).rstrip('+')}"

    def has(self, api_version: str, kind: str) -> bool:
        """Whether the server knows a kind."""
        return kind in self._kinds(api_version)

    # Server-side apply

    def _apply(self, body: Json, *, is_dry_run: bool = False) -> Json:
        query = [("fieldManager", MANAGER), ("force", "true"), *_dry_run(is_dry_run)]
        # JSON is YAML, too.
        found = self._ask(
            "PATCH",
            self._known_path(key_of(body)),
            query,
            body=_with_protocols(body),
            sends="application/apply-patch+yaml",
        )
        assert found is not None
        return found

    def _own_alone(self, body: Json) -> Json:
        """Let server-side apply own the fields of an object that was replaced: what two own is not removed by one of them."""
        found = self._apply(body)
        managed = found["metadata"].get("managedFields") or []
        kept = [
            each for each in managed if (each.get("manager"), each.get("operation")) != (MANAGER, "Update")
        ]
        if len(kept) == len(managed):
            return found
        version = {
            "op": "test",
            "path": "/metadata/resourceVersion",
            "value": found["metadata"]["resourceVersion"],
        }
        fields = {"op": "replace", "path": "/metadata/managedFields", "value": kept}
        status, text = self._send(
            "PATCH",
            self._known_path(key_of(body)),
            body=[version, fields],
            sends="application/json-patch+json",
        )
        # Somebody was quicker (a controller writes a status): the object is right all the same.
        return _parsed(text) if status < 300 else found

    # Where objects are

    def _known_path(self, key: Key) -> str:
        path = self._path(key)
        if path is None:
            raise ClusterRefused(
                f'The server does not know `{key.kind}`: no matches for kind "{key.kind}" in version "{key.api_version}".',
                evidence=f"Kubernetes {self.version()} behind the context {self.context}",
                fix="Write the apiVersion that this release serves: `kubectl api-resources` lists them.",
                reason="UnknownKind",
            )
        return path

    def _path(self, key: Key) -> str | None:
        resource = self._kinds(key.api_version).get(key.kind)
        if resource is None:
            return None
        root = f"/api/{key.api_version}" if "/" not in key.api_version else f"/apis/{key.api_version}"
        place = f"/namespaces/{self.namespace}" if resource["namespaced"] else ""
        return f"{root}{place}/{resource['name']}" + (f"/{quote(key.name)}" if key.name else "")

    def _kinds(self, api_version: str) -> Mapping[str, Json]:
        """Return the kinds of an API version, kind to how it is addressed; empty when the server does not serve it."""
        if api_version not in self._resources:
            root = f"/api/{api_version}" if "/" not in api_version else f"/apis/{api_version}"
            found = self._ask("GET", root, is_missing_fine=True) or {}
            self._resources[api_version] = {
                entry["kind"]: entry for entry in found.get("resources") or () if "/" not in entry["name"]
            }
        return self._resources[api_version]

    # Asking

    def _ask(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]] = (),
        *,
        body: Json | None = None,
        sends: str = "application/json",
        is_missing_fine: bool = False,
    ) -> Json | None:
        status, text = self._send(method, path, query, body=body, sends=sends)
        if status == 404 and is_missing_fine:
            return None
        if status >= 300:
            said = _parsed(text)
            raise ClusterRefused(
                f"The cluster refused: {method} {path} got {status}.",
                evidence=str(said.get("message") or text)[:1500],
                fix="Read the evidence: it names the field or the right that is missing.",
                reason=str(said.get("reason") or status),
            )
        return _parsed(text)

    def _send(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]] = (),
        *,
        body: Json | Sequence[Json] | None = None,
        sends: str = "application/json",
    ) -> tuple[int, str]:
        from kubernetes.client.exceptions import ApiException
        from urllib3.exceptions import HTTPError, ProtocolError

        client = self._client()
        for is_last in (False, True):
            headers = {"Accept": "application/json, */*"} | ({"Content-Type": sends} if body else {})
            request = client.param_serialize(
                method,
                path,
                query_params=list(query),
                header_params=headers,
                body=body,
                auth_settings=["BearerToken"],
            )
            try:
                answer = client.call_api(*request, _request_timeout=_TIMEOUT_S)
                content: bytes = answer.read()  # type: ignore[no-untyped-call]
                return int(answer.status), content.decode("utf-8", errors="replace")
            except ProtocolError as exc:
                # A connection that was kept open and closed by the server meanwhile; reading twice is no harm.
                if is_last or method != "GET":
                    raise self._unreachable(exc) from exc
            except (HTTPError, ApiException, OSError) as exc:
                raise self._unreachable(exc) from exc
        raise AssertionError("the second round returns or raises")

    def _client(self) -> ApiClient:
        if self._connected is None:
            from kubernetes.client import Configuration  # heavy: a second of imports
            from kubernetes.config import new_client_from_config
            from kubernetes.config.config_exception import ConfigException

            configuration = Configuration()
            # urllib3 would warn of each retry on stderr; what is read is asked again here.
            configuration.retries = False
            try:
                self._connected = new_client_from_config(  # type: ignore[no-untyped-call]
                    config_file=str(self.kubeconfig),
                    context=self.context,
                    persist_config=False,
                    client_configuration=configuration,
                )
            except (ConfigException, OSError, ValueError, TypeError) as exc:
                raise self._unreachable(exc) from exc
        return self._connected

    def _unreachable(self, exc: Exception) -> ClusterUnavailable:
        return ClusterUnavailable(
            f"The cluster behind the context `{self.context}` does not answer.",
            evidence=f"{self.kubeconfig}: {type(exc).__name__}: {exc}",
            fix=_UNREACHABLE_FIX,
        )


def _with_protocols(body: Json) -> Json:
    """Spell out the default protocol of ports.

    It is one of a port's merge keys, and those of Kubernetes 1.20 know no defaults: without it a server-side apply of a
    Service ends with 500, "omits key field protocol". Seen with 1.20.2.
    """
    copied = copy.deepcopy(dict(body))
    ports = [(copied.get("spec") or {}).get("ports") or ()] if copied.get("kind") == "Service" else []
    ports += [container.get("ports") or () for container in containers_of(copied)]
    for port in (port for each in ports for port in each):
        port.setdefault("protocol", "TCP")
    return copied


def _dry_run(is_dry_run: bool) -> list[tuple[str, str]]:
    return [("dryRun", "All")] if is_dry_run else []


def _parsed(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
