"""The manifests themselves: valid for old and new Kubernetes, and the same from kustomize and from Helm."""

from __future__ import annotations

import copy
import re
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from chaos_lib.cluster import manifests
from chaos_lib.cluster.manifests import Manifests
from chaos_lib.cluster.objects import containers_of, key_of, labels_of, name_of, pod_spec, quantity
from chaos_lib.command import Command, CommandResult
from chaos_lib.defences.manifest_lint import check, lint, newest, oldest
from chaos_lib.errors import CommandFailed, InvalidAnswer
from tests.cluster.conftest import K8S

PARTS = ("platform", "secrets", "backing", "overlays/blue", "overlays/green", "switch")
CHART = K8S / "chart" / "mission-control"
_HASH = re.compile(r"^(mission-control-config-(?:blue|green))-[a-z0-9]{10}$")

Render = Callable[..., Manifests]


@pytest.mark.parametrize("version", [oldest(), newest()])
@pytest.mark.parametrize("part", [*PARTS, "eks"])
def test_every_object_fits_the_schema(part: str, version: str, rendered: Render) -> None:
    assert [found for found in (check(body, version) for body in rendered(part)) if found] == []


@pytest.fixture(scope="session")
def validate_1_20(pytestconfig: pytest.Config) -> Path:
    """kubernetes-validate 1.20.0, the last release whose newest schemas are those of 1.20; apart from ours, once a checkout."""
    cache = pytestconfig.cache
    assert cache is not None
    folder = cache.mkdir("kubernetes-validate-1.20.0")
    if not (folder / "complete").exists():
        # Its dependencies of that time: it resolves references as jsonschema did then, and finds its files by setuptools.
        wanted = ("kubernetes-validate==1.20.0", "jsonschema==4.17.3", "setuptools<81")
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--target",
            str(folder),
            "--upgrade",
            *wanted,
        ]
        result = Command(pip).run(timeout_s=600)
        assert result.exit_code == 0, result.output
        (folder / "complete").touch()
    return folder


@pytest.mark.timeout(700)
def test_every_object_fits_the_schema_of_1_20(validate_1_20: Path, rendered: Render, tmp_path: Path) -> None:
    for part in PARTS:
        path = tmp_path / f"{part.replace('/', '-')}.yaml"
        path.write_text(yaml.safe_dump_all([dict(body) for body in rendered(part)]))
    wrong = rendered("overlays/blue").of_kind("Deployment")[0]
    bad = copy.deepcopy(dict(wrong))
    bad["spec"]["replicaz"] = 2
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/deployment.yaml").write_text(yaml.safe_dump(bad))

    def run(*paths: Path) -> CommandResult:
        words = (sys.executable, "-W", "ignore", "-m", "kubernetes_validate", "-k", "1.20", "--strict")
        return Command([*words, *map(str, paths)], env={"PYTHONPATH": str(validate_1_20)}).run(timeout_s=120)

    good = run(*sorted(tmp_path.glob("*.yaml")))
    assert good.exit_code == 0, good.output
    assert len(re.findall(r" passed for resource \S+ against version 1\.20\b", good.output)) >= 15
    refused = run(tmp_path / "bad/deployment.yaml")
    assert refused.exit_code != 0
    assert "replicaz" in refused.output


def test_the_schemas_reach_from_old_to_new() -> None:
    assert oldest() == "1.25"
    assert newest() >= "1.37"


def test_the_disruption_budget_is_for_servers_that_have_it(rendered: Render) -> None:
    (budget,) = rendered("addons/disruption-budget")

    assert check(budget, newest()) is None
    assert key_of(budget).api_version == "policy/v1"
    assert all(key_of(body).api_version != "policy/v1" for part in PARTS for body in rendered(part))


def test_every_file_is_clean_yaml() -> None:
    assert lint(K8S) == ""


def test_no_kustomization_needs_more_than_the_oldest_kustomize_knows() -> None:
    # kubectl 1.20 has kustomize 2.0.3; the newest still reads these.
    known = {
        "namespace", "resources", "bases", "nameSuffix", "commonLabels", "configMapGenerator", "secretGenerator",
        "generatorOptions", "images",
    }  # fmt: skip
    for path in K8S.rglob("kustomization.yaml"):
        assert set(yaml.safe_load(path.read_text())) <= known, path


# The promises of the manifests


def test_the_service_is_restricted(rendered: Render) -> None:
    (workload,) = rendered("overlays/blue").of_kind("Deployment")
    (container,) = containers_of(workload)

    assert pod_spec(workload)["securityContext"]["runAsNonRoot"] is True
    assert pod_spec(workload)["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_service_has_three_probes_and_every_container_has_limits(rendered: Render) -> None:
    (workload,) = rendered("overlays/blue").of_kind("Deployment")
    (container,) = containers_of(workload)

    paths = {
        kind: container[kind]["httpGet"]["path"]
        for kind in ("startupProbe", "readinessProbe", "livenessProbe")
    }
    assert paths == {"startupProbe": "/healthz", "readinessProbe": "/readyz", "livenessProbe": "/healthz"}
    for body in (*rendered("backing"), workload):
        for each in containers_of(body):
            assert quantity(each["resources"]["limits"]["memory"]) > 0
            assert quantity(each["resources"]["requests"]["cpu"]) > 0


def test_a_rollout_never_takes_a_pod_that_serves(rendered: Render) -> None:
    (workload,) = rendered("overlays/green").of_kind("Deployment")

    assert workload["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_the_pod_outlives_its_own_drain(rendered: Render) -> None:
    found = rendered("overlays/blue")
    (workload,), (config,) = found.of_kind("Deployment"), found.of_kind("ConfigMap")

    assert pod_spec(workload)["terminationGracePeriodSeconds"] > 2 * int(config["data"]["MISSION_DRAIN_S"])


def test_the_colours_differ_in_their_colour_alone(rendered: Render) -> None:
    blue, green = (yaml.safe_dump([dict(b) for b in rendered(f"overlays/{c}")]) for c in ("blue", "green"))
    without_hash = [re.sub(r"(config-\w+)-[a-z0-9]{10}", r"\1", text) for text in (blue, green)]

    assert without_hash[0].replace("blue", "green") == without_hash[1]


def test_a_changed_setting_gives_the_config_map_another_name(tmp_path: Path, kubectl_program: Path) -> None:
    import shutil

    shutil.copytree(K8S, tmp_path / "k8s")
    before = manifests.render(tmp_path / "k8s/overlays/blue", kubectl_program)
    path = tmp_path / "k8s/base/kustomization.yaml"
    path.write_text(path.read_text().replace("LEVEL=info", "LEVEL=debug"))
    after = manifests.render(tmp_path / "k8s/overlays/blue", kubectl_program)

    names = [name_of(found.of_kind("ConfigMap")[0]) for found in (before, after)]
    assert names[0] != names[1]
    assert names[1] in yaml.safe_dump(dict(after.of_kind("Deployment")[0]))


def test_network_policies_let_either_colour_reach_the_backing_services(rendered: Render) -> None:
    policy = rendered("platform").find("NetworkPolicy", "mission-control")
    peers = [
        peer["podSelector"]["matchLabels"] for rule in policy["spec"]["egress"] for peer in rule.get("to", ())
    ]

    for labels in peers:
        assert any(
            labels.items() <= labels_of(b["spec"]["template"]).items()
            for b in rendered("backing").of_kind("Deployment")
        )


# Helm


def test_helm_and_kustomize_render_the_same_objects(rendered: Render) -> None:
    for colour in ("blue", "green"):
        ours = {
            key_of(_normal(b)): _normal(b) for b in (*rendered(f"overlays/{colour}"), *rendered("switch"))
        }
        values = {"colour": colour, "public": {"enabled": True}}
        theirs = {key_of(_normal(b)): _normal(b) for b in _helm(values)}
        # The switch as it is written selects blue; a release selects its own colour.
        public = next(
            body for key, body in ours.items() if key.kind == "Service" and key.name == "mission-control"
        )
        public["spec"]["selector"]["colour"] = colour

        assert theirs == ours


def test_helm_lints_without_a_complaint() -> None:
    import helm_python

    found = helm_python.lint(str(CHART), kube_version="1.20.0")

    assert found["errors"] == []
    assert [m for m in found["messages"] if m["severity"] > 1] == []


def test_helm_refuses_values_that_make_no_sense() -> None:
    import helm_python

    with pytest.raises(helm_python.HelmError, match="colour"):
        _helm({"colour": "pink"})


def test_helm_s_disruption_budget_is_that_of_kustomize(rendered: Render) -> None:
    (ours,) = rendered("addons/disruption-budget")
    theirs = [b for b in _helm({"disruptionBudget": {"enabled": True}}) if b["kind"] == "PodDisruptionBudget"]

    # Rendered without a cluster Helm knows no policy/v1 and leaves it out, as on a server of 1.20.
    assert theirs in ([], [dict(ours)])


def _helm(values: dict[str, Any]) -> list[dict[str, Any]]:
    import helm_python

    with helm_python.Chart.load(str(CHART)) as chart:
        texts = chart.render(values=values, name="mission-control", namespace="mission-control")
    return [body for text in texts.values() for body in yaml.safe_load_all(text) if body]


def _normal(body: Any) -> dict[str, Any]:
    """Take away how each of the two sees to it that a changed ConfigMap rolls out."""
    copied = yaml.safe_load(yaml.safe_dump(copy.deepcopy(dict(body))))
    copied["metadata"]["name"] = _HASH.sub(r"\1", copied["metadata"]["name"])
    template = copied.get("spec", {}).get("template")
    if template:
        annotations = template["metadata"].pop("annotations", {})
        annotations.pop("checksum/config", None)
        if annotations:
            template["metadata"]["annotations"] = annotations
        for container in template["spec"]["containers"]:
            for variable in container.get("env", ()):
                reference = variable.get("valueFrom", {}).get("configMapKeyRef")
                if reference:
                    reference["name"] = _HASH.sub(r"\1", reference["name"])
            container["env"] = sorted(container.get("env", ()), key=lambda v: v["name"])
    return copied


# EKS


def test_the_eks_variant_takes_its_image_from_ecr_and_stands_behind_a_load_balancer(rendered: Render) -> None:
    found = rendered("eks")
    (ingress,) = found.of_kind("Ingress")

    assert all(".dkr.ecr." in image for image in found.images())
    backend = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    service = found.find("Service", backend["name"])
    assert backend["port"]["name"] in [port["name"] for port in service["spec"]["ports"]]
    assert ingress["spec"]["ingressClassName"] == "alb"


def test_the_eks_cluster_file_is_one_for_eksctl() -> None:
    found = yaml.safe_load((K8S / "eks" / "cluster.yaml").read_text())

    assert (found["apiVersion"], found["kind"]) == ("eksctl.io/v1alpha5", "ClusterConfig")
    assert found["iam"]["withOIDC"] is True


# The secret


def test_the_secret_file_is_never_committed() -> None:
    result = Command(["git", "check-ignore", "k8s/secrets/secret.env"], cwd=K8S.parent).run(timeout_s=10)

    assert result.is_success
    tracked = Command(["git", "ls-files", "k8s"], cwd=K8S.parent).run(timeout_s=10).output
    assert "secret.env.example" in tracked
    assert "secrets/secret.env\n" not in tracked


def test_every_workspace_gets_a_secret_of_its_own(tmp_path: Path) -> None:
    texts = []
    for name in ("a", "b"):
        (tmp_path / name / "secrets").mkdir(parents=True)
        assert manifests.provide_secret(tmp_path / name)
        assert not manifests.provide_secret(tmp_path / name)
        path = tmp_path / name / "secrets" / manifests.SECRET_NAME
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
        texts.append(path.read_text())
    example = (K8S / "secrets" / "secret.env.example").read_text()

    assert texts[0] != texts[1]
    names = [[line.partition("=")[0] for line in text.splitlines()] for text in (*texts, example)]
    assert names[0] == names[1] == names[2]


# Reading and leading


def test_objects_are_led_to_another_namespace_with_all_that_names_it(rendered: Render) -> None:
    moved = rendered("platform").in_namespace("elsewhere")

    assert moved.find("Namespace", "elsewhere")
    assert moved.find("RoleBinding", "deployer")["subjects"][0]["namespace"] == "elsewhere"
    assert {b["metadata"]["namespace"] for b in moved.without("Namespace")} == {"elsewhere"}
    assert rendered("platform").find("Namespace", "mission-control")


def test_images_are_exchanged_by_their_whole_name(rendered: Render) -> None:
    led = rendered("backing").with_images({"postgres:15": "registry.example/postgres:15"})

    assert led.images() == ["redis:7", "registry.example/postgres:15"]


def test_a_kustomization_that_cannot_be_rendered_is_told_in_kubectl_s_words(
    tmp_path: Path, kubectl_program: Path
) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [nowhere.yaml]\n")

    with pytest.raises(CommandFailed) as caught:
        manifests.render(tmp_path, kubectl_program)
    assert "nowhere.yaml" in caught.value.evidence


@pytest.mark.parametrize(
    ("text", "what"), [("a: [", "no valid YAML"), ("a: 1", "no Kubernetes object"), ("- x", "no Kubernetes")]
)
def test_what_is_no_object_is_refused(text: str, what: str) -> None:
    with pytest.raises(InvalidAnswer, match=what):
        manifests.parse(text, where="a.yaml")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("50m", 0.05),
        ("1", 1.0),
        (2, 2.0),
        ("64Mi", 64 * 1024**2),
        ("1Gi", 1024**3),
        ("1k", 1000.0),
        (None, 0.0),
    ],
)
def test_quantities_are_read(text: object, number: float) -> None:
    assert quantity(text) == pytest.approx(number)
