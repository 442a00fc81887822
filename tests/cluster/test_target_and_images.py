"""Where manifests go, which images their pods get, and what a practitioner would type."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chaos_lib.cluster import images, kubectl, target
from chaos_lib.cluster.api import HttpAnswer
from chaos_lib.cluster.kubectl import Kubectl
from chaos_lib.cluster.recorded_api import RecordedApi
from chaos_lib.cluster.smoke import smoke
from chaos_lib.defences.base import DefenceContext
from chaos_lib.errors import (
    BuildFailed,
    ChaosError,
    ClusterUnavailable,
    InvalidInput,
    RegistryUnreachable,
    ToolMissing,
)
from chaos_lib.lab import debian, lab_state
from chaos_lib.lab.lab_state import FacilityState, LabState
from chaos_lib.settings import Settings, Tier


def test_a_project_goes_where_its_file_says(context: DefenceContext) -> None:
    found = target.deploy_target(context.workspace, context.lab)

    assert (found.context, found.namespace) == ("lab", "mission-control")
    assert found.kubectl.line("get", "pods") == "kubectl --context=lab --namespace=mission-control get pods"
    assert found.connect().context == "lab"


def test_without_a_cluster_there_is_nowhere_to_go(context: DefenceContext) -> None:
    with pytest.raises(ClusterUnavailable, match="The lab has no cluster") as caught:
        target.deploy_target(context.workspace, {})
    assert "facility `cluster`" in caught.value.evidence
    assert "opchaos up" in caught.value.fix


def test_a_file_that_names_nothing_is_refused(context: DefenceContext) -> None:
    (context.workspace / target.DEPLOY_FILE).unlink()

    with pytest.raises(InvalidInput, match="does not say where to deploy") as caught:
        target.deploy_target(context.workspace, context.lab)
    assert caught.value.evidence == "KUBE_CONTEXT=?, KUBE_NAMESPACE=?"


def test_a_lab_that_is_up_is_known_from_its_notes(settings: Settings) -> None:
    assert target.lab_variables(settings) == {}
    state = FacilityState(
        facility="cluster", provider="x", tier=Tier.LIVE, reason="", environment={"KUBECONFIG": "k"}
    )
    lab_state.write(settings.state / "lab.json", LabState(run_id="r", facilities=(state,)))

    assert target.lab_variables(settings) == {"KUBECONFIG": "k"}


def test_command_lines_can_be_pasted() -> None:
    assert (
        Kubectl().line("patch", "service", "a", "-p", '{"b": 1}')
        == """kubectl patch service a -p '{"b": 1}'"""
    )


def test_the_lab_s_own_kubectl_comes_first(tmp_path: Path) -> None:
    program = tmp_path / "kubectl"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)

    assert kubectl.find({"PATH": str(tmp_path)}) == program


def test_a_machine_without_kubectl_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(debian, "this_machine", lambda: debian.Machine("fedora", "", False, False))

    with pytest.raises(ToolMissing, match="`kubectl` was not found") as caught:
        kubectl.find()
    assert "kubernetes-client" in caught.value.fix


def test_as_root_on_debian_it_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = []

    def install(packages, programs, progress) -> bool:
        asked.append((packages, programs))
        shutil.copy("/bin/true", tmp_path / "kubectl")
        return True

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(debian, "this_machine", lambda: debian.Machine("debian", "bookworm", True, False))
    monkeypatch.setattr(debian, "install", install)

    assert kubectl.find() == tmp_path / "kubectl"
    assert asked == [(["kubernetes-client"], ["kubectl"])]


# Images


@pytest.fixture
def project(context: DefenceContext, monkeypatch: pytest.MonkeyPatch) -> images.ProjectImages:
    """The engine has the lab's Redis, and an image that somebody else built."""
    there = {"opchaos.local/redis:7", "theirs:1"}
    found = images.ProjectImages(context.workspace, context.settings, engine=None)  # type: ignore[arg-type]
    monkeypatch.setattr(images.mission_images, "inspect", lambda engine, name: {} if name in there else None)
    monkeypatch.setattr(images.ProjectImages, "provide_own", lambda self: "own:abc")
    return found


def test_the_own_image_is_the_one_of_the_project_s_version(project: images.ProjectImages) -> None:
    assert project.own == "mission-control:1.0.0"
    assert project.found(["mission-control:1.0.0", "mission-control:1.O.0"]) == {
        "mission-control:1.0.0": "own:abc"
    }


def test_others_are_looked_for_under_the_lab_s_names(project: images.ProjectImages) -> None:
    assert project.found(["redis:7", "theirs:1", "postgres:15"]) == {
        "redis:7": "opchaos.local/redis:7",
        "theirs:1": "theirs:1",
    }


@pytest.mark.parametrize("failure", [BuildFailed("No.", reason="BUILD_FAILED"), RegistryUnreachable("No.")])
def test_an_own_image_that_cannot_be_built_is_not_there(
    project: images.ProjectImages, monkeypatch: pytest.MonkeyPatch, failure: ChaosError
) -> None:
    def broken(self: images.ProjectImages) -> str:
        raise failure

    monkeypatch.setattr(images.ProjectImages, "provide_own", broken)

    assert project.found([project.own]) == {}


def test_a_project_without_a_version_is_dev(tmp_path: Path) -> None:
    assert images.version_of(tmp_path) == "dev"


# The smoke test


def test_the_first_answer_is_waited_for_and_the_first_bad_one_ends_it(clock) -> None:
    class Late(RecordedApi):
        asked = 0

        def get(self, service: str, path: str) -> HttpAnswer:
            self.asked += 1
            if self.asked < 5:
                return HttpAnswer(0, "no endpoints")
            return HttpAnswer(500 if path == "/version" else 200, "")

    report = smoke(Late(), "web", clock=clock)

    assert [path for path, _ in report.answers] == ["/healthz", "/readyz", "/version"]
    assert report.in_words == "`web` answers /version with 500."
    assert not report.is_unreachable


def test_nobody_behind_a_service_is_told(clock) -> None:
    report = smoke(RecordedApi(answers={"web /healthz": HttpAnswer(0, "no endpoints")}), "web", clock=clock)

    assert report.is_unreachable
    assert report.in_words == "Nobody answers behind the Service `web`."
    assert report.evidence == "GET /healthz: no answer no endpoints"
