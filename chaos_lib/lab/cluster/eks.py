"""Amazon's EKS: a kubeconfig and tokens for a cluster there, and images by way of the registry ECR.

`python -m chaos_lib.lab.cluster.eks kubeconfig NAME --region REGION --out FILE` writes a kubeconfig, for machines without
the `aws` program; its context then is named and allowed as any other. The account is whatever boto3 finds.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chaos_lib.errors import ChaosError, ClusterUnavailable, ToolMissing
from chaos_lib.lab.cluster import kubeconfig
from chaos_lib.lab.engine_ping import Address, ask_version
from chaos_lib.lab.facility import Progress, ProgressSink

if TYPE_CHECKING:
    from botocore.client import BaseClient

_TOKEN_S = 60  # EKS takes none whose URL is valid for longer
_TOKEN_PREFIX = "k8s-aws-v1."  # noqa: S105
_CLUSTER_HEADER = "x-k8s-aws-id"
_LASTS = timedelta(minutes=14)  # a token is good for fifteen
_PUSH_S = 900


@dataclass(frozen=True)
class PushTarget:
    """Where an image goes.

    Attributes:
        reference: Its name there, which pods use as well.
        user: For the registry.
        password: For the registry; good for twelve hours.
    """

    reference: str
    user: str
    password: str = field(repr=False)


def is_eks(server: str) -> bool:
    """Whether an API server is one of EKS."""
    host = urlsplit(server).hostname or ""
    return host.endswith((".eks.amazonaws.com", ".eks.amazonaws.com.cn"))


def region_of(server: str) -> str:
    """Return the region of an API server: `https://ID.sk1.eu-west-1.eks.amazonaws.com`."""
    host = urlsplit(server).hostname or ""
    return host.partition(".eks.")[0].rpartition(".")[2]


def document(name: str, region: str) -> Mapping[str, Any]:
    """Return a kubeconfig for a cluster; it asks this module for a token whenever one is needed.

    Args:
        name: The cluster's name in EKS, and the context's.
        region: Its region.

    Raises:
        ClusterUnavailable: There is no such cluster, it is not active, or the account may not see it.
        ToolMissing: boto3 is not installed.
    """
    with _asking(f"The cluster `{name}` in {region} cannot be described."):
        found = _client("eks", region).describe_cluster(name=name)["cluster"]
    if found.get("status") != "ACTIVE":
        raise ClusterUnavailable(
            f"The cluster `{name}` is not active.",
            evidence=str(found.get("status")),
            fix=f"`aws eks describe-cluster --name {name} --region {region}` shows when it is.",
        )
    command = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": sys.executable,
        "args": ["-m", "chaos_lib.lab.cluster.eks", "token", name, "--region", region],
        "interactiveMode": "Never",
    }
    authority = found["certificateAuthority"]["data"]
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "clusters": [
            {"name": name, "cluster": {"server": found["endpoint"], "certificate-authority-data": authority}}
        ],
        "users": [{"name": name, "user": {"exec": command}}],
    }


def token(name: str, region: str) -> str:
    """Return a token for a cluster: a signed URL that asks Amazon who we are; it names the cluster, and lasts a minute.

    Source: "EKS cluster authentication" in the AWS documentation; aws-iam-authenticator does the same.
    """
    with _asking("No token could be signed."):
        client = _client("sts", region)
        events = client.meta.events
        events.register("before-sign.sts.GetCallerIdentity", _name_the_cluster(name))
        url = client.generate_presigned_url("get_caller_identity", ExpiresIn=_TOKEN_S, HttpMethod="GET")
    return _TOKEN_PREFIX + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def credential(name: str, region: str, *, now: datetime | None = None) -> Mapping[str, Any]:
    """Return a token as kubectl wants it from a program that a kubeconfig names."""
    until = (now or datetime.now(tz=timezone.utc)) + _LASTS
    return {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "kind": "ExecCredential",
        "spec": {},
        "status": {
            "expirationTimestamp": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "token": token(name, region),
        },
    }


def push_target(image: str, region: str) -> PushTarget:
    """Return where an image goes in the account's registry; its repository is made when it is missing.

    Args:
        image: The image's name on the engine: `mission-control:1.0`.
        region: The cluster's region.

    Raises:
        ClusterUnavailable: The account may not do that.
        ToolMissing: boto3 is not installed.
    """
    name, tag = _split(image)
    with _asking(f"The registry in {region} cannot be used."):
        client = _client("ecr", region)
        try:
            uri = client.describe_repositories(repositoryNames=[name])["repositories"][0]["repositoryUri"]
        except client.exceptions.RepositoryNotFoundException:
            made = client.create_repository(
                repositoryName=name, tags=[{"Key": "io.opchaos", "Value": "true"}]
            )
            uri = made["repository"]["repositoryUri"]
        given = client.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    user, _, password = base64.b64decode(given).decode().partition(":")
    return PushTarget(f"{uri}:{tag}", user, password)


def push_to_ecr(server: str, environment: Mapping[str, str]) -> Callable[[str, ProgressSink], str]:
    """Return the hand-over for a cluster in EKS: its nodes pull from the same account's registry.

    Args:
        server: URL of its API server.
        environment: Variables that lead to the engine that has the images: `DOCKER_HOST`.
    """

    def hand_over(image: str, progress: ProgressSink) -> str:
        target = push_target(image, region_of(server))
        progress(Progress("Pushing the image", target.reference))
        _push(image, target, environment.get("DOCKER_HOST", ""))
        return target.reference

    return hand_over


def _push(image: str, target: PushTarget, engine: str) -> None:
    from docker.errors import DockerException

    address = Address(engine)
    try:
        ask_version(address, timeout_s=5.0)
    except ChaosError as exc:
        raise _not_pushed(image, exc.what) from exc
    try:
        with contextlib.closing(address.connect(timeout_s=_PUSH_S)) as client:
            client.images.get(image).tag(target.reference)
            login = {"username": target.user, "password": target.password}
            for news in client.images.push(target.reference, auth_config=login, stream=True, decode=True):
                if "error" in news:
                    raise _not_pushed(image, str(news["error"]))
    except DockerException as exc:
        raise _not_pushed(image, str(exc)) from exc


def _not_pushed(image: str, evidence: str) -> ClusterUnavailable:
    return ClusterUnavailable(
        f"The image `{image}` could not be pushed.",
        evidence=evidence,
        fix="Is it built (`docker images`), and may your account push (`ecr:PutImage`)?",
    )


def _split(image: str) -> tuple[str, str]:
    """Return name and tag; a registry's host in front is left out."""
    name, _, tag = image.partition("@")[0].rpartition("/")[2].partition(":")
    return name, tag or "latest"


def _name_the_cluster(name: str) -> Callable[..., None]:
    def add(request: Any, **_: Any) -> None:
        request.headers[_CLUSTER_HEADER] = name

    return add


def _client(service: str, region: str) -> BaseClient:
    try:
        import boto3
        from botocore.config import Config
    except ImportError as exc:
        raise ToolMissing(
            "boto3 is not installed.",
            evidence=str(exc),
            fix="`pip install 'operation-chaos[aws]'` or `make setup`.",
        ) from exc
    settings = Config(signature_version="v4") if service == "sts" else None
    return boto3.client(service, region_name=region, config=settings)


@contextlib.contextmanager
def _asking(what: str) -> Iterator[None]:
    """Turn Amazon's refusals into ours."""
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        yield  # `_client` says what is missing
        return
    try:
        yield
    except (BotoCoreError, ClientError) as exc:
        raise ClusterUnavailable(
            what,
            evidence=f"{type(exc).__name__}: {exc}",
            fix="`aws sts get-caller-identity` says who you are there; the guide names the rights that it takes.",
        ) from exc


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a token, or write a kubeconfig."""
    parser = argparse.ArgumentParser(prog="python -m chaos_lib.lab.cluster.eks")
    parser.add_argument("what", choices=("token", "kubeconfig"))
    parser.add_argument("name")
    parser.add_argument("--region", required=True)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args(arguments)
    if given.what == "token":
        sys.stdout.write(json.dumps(credential(given.name, given.region)) + "\n")
        return
    if given.out is None:
        parser.error("`kubeconfig` needs --out FILE")
    kubeconfig.write(given.out, document(given.name, given.region))


if __name__ == "__main__":
    main()
