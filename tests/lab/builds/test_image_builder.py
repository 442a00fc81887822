"""Real builds on the real engine: what is reported, how they fail, and how they are stopped."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace

import pytest

from chaos_lib.errors import BuildFailed, DiskFull, RegistryUnreachable, ToolMissing, WaitTimeout
from chaos_lib.lab.builds import image_builder, mission_images
from chaos_lib.lab.builds.image_builder import ImageBuilder, command_line
from chaos_lib.settings import Settings
from tests.lab.builds.conftest import TINY

pytestmark = pytest.mark.lab


def sleeping(seconds: int, mark: str) -> str:
    return f"FROM python:3.11-slim\nRUN echo {mark} && sleep {seconds}\n"


def test_a_build_reports_image_layers_steps_and_progress(builder, context, settings):
    heard, lines = [], []
    report = builder.build(context(), progress=heard.append, on_line=lines.append)

    assert report.image == f"opchaos.local/run-{settings.run_id()}/mission-control:workspace"
    assert report.image_id.startswith("sha256:")
    assert report.base.endswith("python:3.11-slim")
    assert [step.instruction.split()[0] for step in report.own_steps] == ["WORKDIR", "COPY", "RUN"]
    base = sum(layer.size_bytes for layer in report.layers if layer.is_base)
    assert report.size_bytes == base + report.added_bytes
    assert any(layer.created_by.startswith("COPY hello.txt") and not layer.is_base for layer in report.layers)
    assert any("COPY hello.txt" in progress.step for progress in heard)
    assert any(line.startswith("#") for line in lines)
    assert report.command.startswith("docker build ")
    found = mission_images.inspect(builder.engine, report.image)
    assert found is not None
    assert found["Config"]["Labels"][mission_images.RUN_LABEL] == settings.run_id()
    assert "io.opchaos" not in found["Config"]["Labels"], (
        "containers inherit labels, and these would be swept"
    )


def test_a_second_build_comes_from_the_cache_and_a_change_replaces_the_image(builder, context, settings):
    first = builder.build(context())
    second = builder.build(context())
    assert second.image_id == first.image_id
    assert second.cached == len(second.own_steps)

    changed = builder.build(context(TINY + "LABEL a=b\n"))

    assert changed.image_id != first.image_id
    assert mission_images.inspect(builder.engine, first.image_id) is None, (
        "the image without a name is removed"
    )
    assert mission_images.of_run(builder.engine, settings.run_id()) == (changed.image,)


def test_the_participant_s_dockerfile_is_left_as_it_is_and_an_argument_leads_to_the_lab_s_image(
    builder, context
):
    folder = context("ARG BASE=python:3.11-slim\nFROM ${BASE}\nRUN true\n")
    before = (folder / "Dockerfile").read_bytes()

    report = builder.build(folder)

    assert (folder / "Dockerfile").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["Dockerfile", "hello.txt"]
    assert report.base.endswith("python:3.11-slim")
    if report.base.startswith("opchaos.local/"):
        assert f"--build-arg BASE={report.base}" in report.command


def test_a_secret_of_the_machine_reaches_a_step_and_no_layer(engine, settings, context, builder):
    trusting = ImageBuilder(
        engine, settings, trust=image_builder.HostTrust("[global]\ntimeout = 4711\n", "", b"", {})
    )
    report = trusting.build(
        context(
            "FROM python:3.11-slim\n"
            "RUN --mount=type=secret,id=pip,target=/etc/pip.conf pip config list | grep 4711 && echo seen > /seen\n"
        )
    )

    assert all("4711" not in layer.created_by or "grep 4711" in layer.created_by for layer in report.layers)
    from chaos_lib.lab.builds.one_shot import run_once

    asked = run_once(engine, settings, report.image, entrypoint=("cat", "/seen", "/etc/pip.conf"))
    assert "seen" in asked.output
    assert "timeout = 4711" not in asked.output


def test_a_failing_step_is_named_with_its_last_lines(builder, context):
    with pytest.raises(BuildFailed) as caught:
        builder.build(context("FROM python:3.11-slim\nRUN echo here-it-comes && false\n"))

    error = caught.value
    assert error.reason == "BUILD_FAILED"
    assert "RUN echo here-it-comes && false" in error.what
    assert "here-it-comes" in error.evidence
    assert error.fix
    assert "here-it-comes" in error.output


@pytest.mark.parametrize("text", ["FROM python:3.11-slim\nRUNX true\n", "RUN true\n"])
def test_a_dockerfile_that_cannot_be_read_says_so(builder, context, text):
    with pytest.raises(BuildFailed) as caught:
        builder.build(context(text))

    assert "Dockerfile" in caught.value.what
    assert caught.value.evidence
    assert caught.value.fix


def test_no_dockerfile_is_no_build(builder, tmp_path):
    with pytest.raises(BuildFailed) as caught:
        builder.build(tmp_path)

    assert caught.value.reason == "DOCKERFILE_MISSING"
    assert "Dockerfile" in caught.value.evidence


def test_a_base_image_that_nobody_has_is_named(builder, context):
    with pytest.raises((RegistryUnreachable, BuildFailed)) as caught:
        builder.build(context("FROM python:3.11-slimmest\n"))

    assert "python:3.11-slimmest" in caught.value.evidence
    assert "base image" in caught.value.what
    assert caught.value.fix


def test_a_registry_that_says_no_is_told_from_one_that_is_silent():
    def failure(words):
        text = f"#3 [internal] load metadata for docker.io/library/a:1\n#3 ERROR: {words}\n"
        result = image_builder.CommandResult(("docker",), 1, text, 0.1)
        steps = image_builder.StepReader()
        for line in text.splitlines():
            steps.read(line)
        return image_builder._failure(result, steps.steps, {"a:1": "a:1"})

    assert isinstance(failure("failed to do request: dial tcp: lookup x: no such host"), RegistryUnreachable)
    said_no = failure("docker.io/library/a:1: not found")
    assert isinstance(said_no, BuildFailed)
    assert said_no.reason == "BASE_UNKNOWN"
    full = image_builder.CommandResult(("docker",), 1, "write /x: no space left on device", 0.1)
    assert isinstance(image_builder._failure(full, (), {}), DiskFull)


def test_a_build_over_its_time_is_stopped_and_the_step_at_work_is_named(builder, context):
    with pytest.raises(WaitTimeout) as caught:
        builder.build(context(sleeping(120, "slow-one")), timeout_s=10)

    assert "was not built within 10 s" in caught.value.what
    assert "slow-one" in caught.value.evidence
    assert caught.value.fix


def test_ctrl_c_stops_the_build_with_all_its_processes(builder, context):
    started = threading.Event()

    def interrupt_when_it_sleeps() -> None:
        started.wait(60)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt_when_it_sleeps, daemon=True).start()
    commands = []

    def take(line: str) -> None:
        commands.append(line)
        if "before-the-nap" in line and "RUN" not in line:
            started.set()

    with pytest.raises(KeyboardInterrupt):
        builder.build(context(sleeping(120, "before-the-nap")), on_line=take)

    import psutil

    children = [child.name() for child in psutil.Process().children(recursive=True) if child.is_running()]
    assert "docker" not in children


def test_without_a_client_that_builds_the_tool_is_named(builder, context, monkeypatch):
    def none() -> None:
        raise ToolMissing("No Docker client here can build with BuildKit.", fix="Install one.")

    monkeypatch.setattr(image_builder, "buildkit_client", none)
    with pytest.raises(ToolMissing):
        builder.build(context())


def test_two_missions_on_one_engine_do_not_see_each_other_s_images(
    engine, settings, builder, context, tmp_path
):
    other_settings = Settings(home=tmp_path / "other", seed=20)
    other = ImageBuilder(engine, other_settings)
    mine = builder.build(context(TINY + "LABEL who=mine\n"))
    try:
        theirs = other.build(context(TINY + "LABEL who=theirs\n"))

        assert mine.image != theirs.image
        assert mission_images.of_run(engine, settings.run_id()) == (mine.image,)
        assert mission_images.of_run(engine, other_settings.run_id()) == (theirs.image,)
    finally:
        removed = mission_images.remove_run(engine, other_settings.run_id())
    assert removed == (theirs.image,)
    assert mission_images.inspect(engine, theirs.image) is None
    assert mission_images.inspect(engine, mine.image) is not None, "the neighbour's sweep leaves mine alone"


def test_what_a_practitioner_types_is_quoted_and_complete(tmp_path):
    line = command_line("a:b", {"X": "y z"}, uses_cache=False, dockerfile=tmp_path / "D")

    assert line == "docker build --no-cache --build-arg 'X=y z' --file D --tag a:b ."


def test_a_step_that_warned_is_found(builder, context):
    report = builder.build(context("FROM python:3.11-slim\nRUN echo 'WARNING: careful'\n"), uses_cache=False)

    assert report.warnings == ("WARNING: careful",)
    assert replace(report, steps=()).warnings == ()
