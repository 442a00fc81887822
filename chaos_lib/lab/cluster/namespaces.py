"""The mission's namespaces: made when its cluster is up, removed when it leaves one that stays."""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from chaos_lib import labels
from chaos_lib.contexts import Contexts
from chaos_lib.errors import ClusterUnavailable
from chaos_lib.lab.cluster.base import Cluster
from chaos_lib.lab.cluster.kubeconfig import local_host
from chaos_lib.lab.facility import Progress, ProgressSink
from chaos_lib.settings import Tier
from chaos_lib.wait import Reading, wait_until

_SILENCE_S = 15.0
_GONE_S = 120.0
_ACCOUNT_S = 60.0


def provide(cluster: Cluster, contexts: Contexts, run_id: str) -> None:
    """Make the mission's namespace, unless it is there; noted before it is made, so that a kill leaves none unknown.

    Raises:
        ClusterUnavailable: The cluster does not let us, or the namespace is somebody else's.
    """
    contexts.record_namespace(cluster.context, cluster.kubeconfig, cluster.namespace)
    if cluster.tier is Tier.SIMULATED:
        return
    marks = {labels.OURS: "true", labels.RUN: run_id}
    body = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": cluster.namespace, "labels": marks},
    }
    with connected(cluster.kubeconfig, cluster.context) as api:
        if not _is_there(api, cluster.namespace):
            api.create_namespace(body, _preload_content=False, _request_timeout=_SILENCE_S)
        # Without it the server refuses the first pods.
        wait_until(
            f"the namespace `{cluster.namespace}` has its service account",
            lambda: Reading(_has_account(api, cluster.namespace)),
            timeout_s=_ACCOUNT_S,
        )


def remove_all(cluster: Cluster, contexts: Contexts, progress: ProgressSink) -> None:
    """Remove every namespace that this mission made in the cluster, and wait until they are gone.

    Raises:
        ClusterUnavailable: The cluster does not let us, or they do not go within two minutes.
    """
    names = contexts.namespaces(cluster.context, cluster.kubeconfig)
    if not names or cluster.tier is Tier.SIMULATED:
        return
    progress(Progress("Removing this mission's namespaces", ", ".join(names)))
    with connected(cluster.kubeconfig, cluster.context) as api:
        for name in names:
            if _is_there(api, name):
                api.delete_namespace(name, _preload_content=False, _request_timeout=_SILENCE_S)
                # A namespace that ends makes no new pods; the old ones get no half minute to say goodbye.
                api.delete_collection_namespaced_pod(
                    name, grace_period_seconds=0, _preload_content=False, _request_timeout=_SILENCE_S
                )

        def probe() -> Reading:
            left = [name for name in names if _is_there(api, name)]
            return Reading(not left, f"still there: {', '.join(left)}")

        wait_until("the mission's namespaces are gone", probe, timeout_s=_GONE_S, interval_s=0.3)


def answers(kubeconfig: Path, context: str, *, timeout_s: float = 3.0) -> str:
    """Return the version of the cluster behind a context, such as `v1.31.2`; empty when it does not answer.

    Whatever logs in there logs in here: certificates, tokens, plugins.
    """
    from kubernetes.client import VersionApi

    try:
        with connected(kubeconfig, context) as api:
            found: Any = VersionApi(api.api_client).get_code(
                _preload_content=False, _request_timeout=timeout_s
            )
            return str(json.loads(found.data).get("gitVersion", ""))
    except (ClusterUnavailable, ValueError):
        return ""


@contextlib.contextmanager
def connected(kubeconfig: Path, context: str) -> Iterator[Any]:
    """Open the official client for a context; foreign errors become ours.

    Raises:
        ClusterUnavailable: The kubeconfig is of no use, or the cluster does not answer or refuses.
    """
    from kubernetes import config  # a second: only those who need it pay for it
    from kubernetes.client import Configuration, CoreV1Api
    from kubernetes.client.exceptions import ApiException
    from kubernetes.config import ConfigException
    from urllib3.exceptions import HTTPError

    fix = f"`kubectl --kubeconfig {kubeconfig} --context {context} get namespaces` tries the same."
    try:
        settings = Configuration()
        if local_host(context, kubeconfig):
            settings.no_proxy = "*"
        client = config.new_client_from_config(  # type: ignore[no-untyped-call]
            str(kubeconfig), context, client_configuration=settings
        )
        # Its models are passed over (`_preload_content`): they reject what old servers rightly answer.
        yield CoreV1Api(client)
    except ApiException as exc:
        raise ClusterUnavailable(
            f"The cluster behind `{context}` says no.", evidence=f"{exc.status} {exc.body}", fix=fix
        ) from exc
    except (ConfigException, HTTPError, OSError) as exc:
        raise ClusterUnavailable(
            f"The cluster behind `{context}` does not answer.",
            evidence=f"{type(exc).__name__}: {exc}",
            fix=fix,
        ) from exc


def _is_there(api: Any, name: str) -> bool:
    return _found(lambda: api.read_namespace(name, _preload_content=False, _request_timeout=_SILENCE_S))


def _has_account(api: Any, namespace: str) -> bool:
    return _found(
        lambda: api.read_namespaced_service_account(
            "default", namespace, _preload_content=False, _request_timeout=_SILENCE_S
        )
    )


def _found(ask: Callable[[], object]) -> bool:
    from kubernetes.client.exceptions import ApiException

    try:
        ask()
    except ApiException as exc:
        if exc.status == http.client.NOT_FOUND:
            return False
        raise
    return True
