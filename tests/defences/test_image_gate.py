"""What stands between a defence and an image is a red verdict with a reason, never an exception."""

from __future__ import annotations

from typing import ClassVar

import pytest

from chaos_lib.defences import image_gate
from chaos_lib.defences.base import GREEN, DefenceContext, facility_of, plays_on
from chaos_lib.defences.catalogue import DEFENCES
from chaos_lib.defences.dockerfile_lints import copies_source, installs_dependencies
from chaos_lib.defences.image_gate import Bench, Finding, ImageGate
from chaos_lib.defences.second_build import downloads, reinstalling_steps
from chaos_lib.errors import (
    BuildFailed,
    ContainerEnded,
    DiskFull,
    EngineUnavailable,
    PermissionRefused,
    RegistryUnreachable,
    ToolMissing,
    ToolTooOld,
    WaitTimeout,
)
from chaos_lib.lab.builds.report import BuildReport
from chaos_lib.lab.builds.steps import BuildStep
from chaos_lib.settings import Tier

IMAGE_DEFENCES = [defence for defence in DEFENCES.values() if defence.phase == "phase-2-docker"]


@pytest.fixture
def context(settings) -> DefenceContext:
    settings.workspace.mkdir(parents=True)
    return DefenceContext(workspace=settings.workspace, environment={}, lab={}, settings=settings)


class Gate(ImageGate):
    name = "gate"
    reasons: ClassVar = {**image_gate.BUILD_REASONS, **image_gate.RUN_REASONS}

    def __init__(self, error):
        self.error = error

    def judge(self, bench: Bench) -> Finding:
        if self.error is None:
            return Finding(detail="300 MB.", numbers={"size_bytes": 3})
        raise self.error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (EngineUnavailable("nobody", fix="f"), "ENGINE_MISSING"),
        (PermissionRefused("not you", fix="f"), "ENGINE_MISSING"),
        (ToolTooOld("old", fix="f"), "ENGINE_MISSING"),
        (ToolMissing("none", fix="f"), "ENGINE_MISSING"),
        (DiskFull("full", evidence="no space", fix="f"), "DISK_FULL"),
        (RegistryUnreachable("silent", evidence="a:1", fix="f"), "BASE_UNKNOWN"),
        (BuildFailed("no", evidence="e", fix="f", reason="BASE_UNKNOWN"), "BASE_UNKNOWN"),
        (BuildFailed("no", evidence="e", fix="f"), "BUILD_FAILED"),
        (BuildFailed("no", evidence="e", fix="f", reason="BUILD_TOO_SLOW"), "BUILD_TOO_SLOW"),
        (BuildFailed("no", evidence="e", reason="DOCKERFILE_MISSING"), "DOCKERFILE_MISSING"),
        (WaitTimeout("silence", evidence="e"), "SERVICE_DOES_NOT_ANSWER"),
        (ContainerEnded("it ended", log="ModuleNotFoundError: x", evidence="x"), "MODULE_MISSING"),
        (ContainerEnded("it ended", log="boom", evidence="boom"), "SERVICE_DOES_NOT_START"),
    ],
)
def test_every_obstacle_has_its_reason_with_evidence_and_remedy(context, error, reason):
    verdict = Gate(error).run(context)

    assert verdict.reason == reason
    assert verdict.summary.startswith(Gate.reasons[reason])
    assert verdict.evidence
    assert verdict.remedy


def test_a_green_gate_says_what_it_measured(context):
    verdict = Gate(None).run(context)

    assert verdict.is_green
    assert verdict.summary.endswith("300 MB.")
    assert verdict.numbers == {"size_bytes": 3}
    assert verdict.remedy == ""


@pytest.mark.parametrize("defence", IMAGE_DEFENCES, ids=lambda defence: defence.name)
def test_a_workspace_without_a_dockerfile_is_told_so_at_once(context, defence, monkeypatch):
    monkeypatch.setattr(Bench, "engine", object())
    verdict = defence.run(context)

    assert verdict.reason == "DOCKERFILE_MISSING"
    assert verdict.reason in defence.reasons


def test_defences_say_which_facility_they_need():
    assert facility_of(DEFENCES["size-budget"]) == "containers"
    assert facility_of(DEFENCES["hadolint"]) == ""
    assert facility_of(DEFENCES["integration-tests"]) == "services"
    assert not plays_on(DEFENCES["size-budget"], Tier.EMBEDDED)
    assert plays_on(DEFENCES["size-budget"], Tier.LIVE)
    assert plays_on(DEFENCES["hadolint"], Tier.EMBEDDED)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("RUN pip install -r requirements.lock", True),
        ("RUN --mount=type=cache,target=/c /venv/bin/pip install fastapi", True),
        ("RUN pip --python /venv/bin/python install --require-hashes -r requirements.lock", True),
        ("RUN python -m pip install .", True),
        ("RUN uv pip install --system -r requirements.lock", True),
        ("RUN uv sync --frozen", True),
        ("RUN pip install --upgrade pip", False),
        ("RUN pip install --disable-pip-version-check uv==1.0", False),
        ("RUN pip install --no-deps .", False),
        ("RUN apt-get install -y gcc", False),
    ],
)
def test_a_step_that_installs_dependencies_is_known(line, expected):
    assert installs_dependencies(line) is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("COPY . .", True),
        ("COPY --chown=5 src src", True),
        ('COPY ["./src", "/app/src"]', True),
        ("ADD . /app", True),
        ("COPY requirements.lock ./", False),
        ("COPY pyproject.toml requirements.lock /app/", False),
        ("COPY --from=build /src /src", False),
    ],
)
def test_a_copy_of_the_source_is_known(line, expected):
    assert copies_source(line) is expected


def test_the_order_of_the_layers_is_read_from_the_file(context):
    path = context.workspace / "Dockerfile"
    path.write_text("FROM a:1\nCOPY . .\nRUN pip install -r requirements.lock\n")
    verdict = DEFENCES["layer-order"].run(context)
    assert verdict.reason == "SOURCE_BEFORE_DEPENDENCIES"
    assert "COPY . ." in verdict.evidence

    path.write_text(
        "FROM a:1\nCOPY r.lock ./\nRUN pip install -r r.lock\nCOPY . .\nRUN pip install --no-deps .\n"
    )
    assert DEFENCES["layer-order"].run(context).is_green


def test_hadolint_warns_with_line_and_rule(context):
    path = context.workspace / "Dockerfile"
    path.write_text("FROM python\nRUN cd /tmp\n")
    verdict = DEFENCES["hadolint"].run(context)
    assert verdict.reason == "LINT_WARNINGS"
    assert "line 1: DL3006" in verdict.evidence

    path.write_text("FROM python:3.11-slim\nRUNX x\n")
    assert DEFENCES["hadolint"].run(context).reason == "DOCKERFILE_INVALID"


def built(*steps: BuildStep) -> BuildReport:
    return BuildReport("i", "sha256:1", "b", 1, (), steps, 1.0, "docker build .")


def step(instruction: str, *output: str, is_cached: bool = False) -> BuildStep:
    return BuildStep(1, f"[1/1] {instruction}", is_cached=is_cached, output=list(output))


LOCK = "RUN pip install -r requirements.lock"


@pytest.mark.parametrize(
    ("steps", "is_again"),
    [
        (
            [
                step(LOCK, is_cached=True),
                step("RUN pip install .", "Successfully installed mission-control-1"),
            ],
            False,
        ),
        ([step(LOCK, "Successfully installed a b c d e")], True),
        ([step(LOCK)], True),
        ([step(LOCK, is_cached=True), step("RUN pip install -q .")], False),
        ([step("RUN uv sync", "Installed 22 packages in 1s")], True),
        ([step(LOCK, is_cached=True), step("RUN pip install .", "Installed 22 packages")], True),
        ([step("RUN pip install --no-deps .")], False),
        ([step("COPY src src")], False),
    ],
)
def test_what_a_second_build_installs_again_is_told_from_what_it_keeps(steps, is_again):
    assert bool(reinstalling_steps(built(*steps))) is is_again


def test_downloads_are_counted_for_pip_and_for_uv():
    pip = step(
        LOCK, "  Downloading a-1.whl (2 kB)", "  Using cached b-1.whl (2 kB)", "  Downloading c-1.tar.gz"
    )
    uv = step("RUN uv pip install -r r", "Prepared 3 packages in 2ms", "Downloading pydantic-core (2.0MiB)")

    assert downloads(built(pip)) == (2, 1)
    assert downloads(built(uv)) == (3, 0)
    assert GREEN == "OK"
