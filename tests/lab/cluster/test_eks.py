"""EKS and ECR, against a model of AWS on the loopback interface."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from chaos_lib.errors import ClusterUnavailable, ToolMissing
from chaos_lib.lab.cluster import eks
from chaos_lib.lab.cluster.hand_over import hand_over_of
from chaos_lib.lab.facility import no_progress

REGION = "eu-west-1"
ROLE = "arn:aws:iam::123456789012:role/eks"


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """A model of AWS; yields its URL."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def _account(aws: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": aws,
        "AWS_ACCESS_KEY_ID": "model",
        "AWS_SECRET_ACCESS_KEY": "model",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def cluster(aws: str) -> str:
    """A cluster in the model."""
    import boto3

    client = boto3.client(
        "eks", region_name=REGION, endpoint_url=aws, aws_access_key_id="model", aws_secret_access_key="model"
    )
    client.create_cluster(name="warzone", roleArn=ROLE, resourcesVpcConfig={"subnetIds": ["subnet-1"]})
    return "warzone"


def test_a_kubeconfig_for_eks_asks_for_its_tokens(cluster: str, tmp_path: Path) -> None:
    path = tmp_path / "eks.kubeconfig"
    eks.main(["kubeconfig", cluster, "--region", REGION, "--out", str(path)])
    document = yaml.safe_load(path.read_text())
    assert path.stat().st_mode & 0o777 == 0o600
    assert document["current-context"] == cluster
    server = document["clusters"][0]["cluster"]["server"]
    assert eks.is_eks(server)
    assert eks.region_of(server) == REGION
    command = document["users"][0]["user"]["exec"]
    assert command["args"] == ["-m", "chaos_lib.lab.cluster.eks", "token", cluster, "--region", REGION]


def test_a_token_is_a_signed_question_that_names_the_cluster(
    cluster: str, capsys: pytest.CaptureFixture[str]
) -> None:
    eks.main(["token", cluster, "--region", REGION])
    credential = json.loads(capsys.readouterr().out)
    assert credential["kind"] == "ExecCredential"
    token = credential["status"]["token"]
    assert token.startswith("k8s-aws-v1.")
    body = token.removeprefix("k8s-aws-v1.")
    url = urlsplit(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode())
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert asked["Action"] == "GetCallerIdentity"
    assert asked["X-Amz-Expires"] == "60"
    assert set(asked["X-Amz-SignedHeaders"].split(";")) == {"host", "x-k8s-aws-id"}


def test_a_token_is_fetched_anew_before_it_is_worthless() -> None:
    now = datetime(2026, 11, 24, 12, 0, tzinfo=timezone.utc)
    assert (
        eks.credential("warzone", REGION, now=now)["status"]["expirationTimestamp"] == "2026-11-24T12:14:00Z"
    )


def test_a_cluster_that_is_not_there_is_named() -> None:
    with pytest.raises(ClusterUnavailable) as caught:
        eks.document("nowhere", REGION)
    assert caught.value.what == "The cluster `nowhere` in eu-west-1 cannot be described."
    assert "ResourceNotFoundException" in caught.value.evidence
    assert "get-caller-identity" in caught.value.fix


def test_an_image_gets_a_repository_and_a_login() -> None:
    for _ in range(2):  # the second time it is there
        target = eks.push_target("opchaos.local/mission-control:1.4", REGION)
        assert target.reference == "123456789012.dkr.ecr.eu-west-1.amazonaws.com/mission-control:1.4"
        assert target.user == "AWS"
        assert target.password
        assert target.password not in repr(target)


def test_an_image_for_eks_goes_to_ecr_under_the_name_that_pods_use(monkeypatch: pytest.MonkeyPatch) -> None:
    pushed: list[tuple[str, eks.PushTarget]] = []
    monkeypatch.setattr(eks, "_push", lambda image, target, engine: pushed.append((image, target)))
    hand_over = hand_over_of("warzone", "https://ABC.sk1.eu-west-1.eks.amazonaws.com", {})
    reference = hand_over("mission-control:1.0", no_progress)
    assert reference.endswith(".dkr.ecr.eu-west-1.amazonaws.com/mission-control:1.0")
    assert [(image, target.reference) for image, target in pushed] == [("mission-control:1.0", reference)]


def test_an_engine_that_does_not_push_is_reported(tmp_path: Path) -> None:
    silent = {"DOCKER_HOST": f"unix://{tmp_path / 'none.sock'}"}
    hand_over = eks.push_to_ecr("https://ABC.sk1.eu-west-1.eks.amazonaws.com", silent)
    with pytest.raises(ClusterUnavailable) as caught:
        hand_over("mission-control:1.0", no_progress)
    assert caught.value.what == "The image `mission-control:1.0` could not be pushed."
    assert "ecr:PutImage" in caught.value.fix


def test_without_boto3_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)
    with pytest.raises(ToolMissing) as caught:
        eks.push_target("x:1", REGION)
    assert "operation-chaos[aws]" in caught.value.fix


@pytest.mark.parametrize(
    ("context", "server"),
    [
        ("docker-desktop", "https://127.0.0.1:6443"),
        ("colima-work", "https://127.0.0.1:6443"),
    ],
)
def test_a_cluster_on_the_engine_itself_has_the_image_already(context: str, server: str) -> None:
    assert hand_over_of(context, server, {})("x:1", no_progress) == "x:1"


def test_an_unknown_kind_of_cluster_says_what_to_do() -> None:
    with pytest.raises(ClusterUnavailable) as caught:
        hand_over_of("somewhere", "https://k8s.example.org", {})("x:1", no_progress)
    assert "Push it to a registry" in caught.value.fix
