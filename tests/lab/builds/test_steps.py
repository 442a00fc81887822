"""BuildKit's plain progress, read line by line."""

from __future__ import annotations

from chaos_lib.lab.builds.steps import StepReader, read_steps

OUTPUT = """\
#1 [internal] load build definition from Dockerfile
#1 sha256:c4bb8e54
#1 transferring dockerfile: 1.81kB done
#1 DONE 0.0s

#5 [build 2/3] WORKDIR /build
#5 sha256:8cfd
#5 CACHED

#6 [build 3/3] RUN --mount=type=cache,target=/c     pip install x
#6 sha256:6f0b
#6 0.862 Collecting x
#6 3.402 WARNING: something odd

#7 [stage-1 2/2] COPY src src
#7 DONE 0.1s

#6 4.916 Successfully installed x-1.0
#6 DONE 6.0s
"""


def test_steps_are_read_with_stage_position_seconds_and_output():
    load, workdir, run, copy = read_steps(OUTPUT.splitlines())

    assert (load.instruction, load.position, load.stage) == ("", (0, 0), "")
    assert workdir.is_cached
    assert (workdir.stage, workdir.position, workdir.instruction) == ("build", (2, 3), "WORKDIR /build")
    assert not run.is_cached
    assert run.elapsed_s == 6.0
    assert run.instruction == "RUN --mount=type=cache,target=/c pip install x"
    assert run.output == ["Collecting x", "WARNING: something odd", "Successfully installed x-1.0"]
    assert (copy.stage, copy.elapsed_s) == ("stage-1", 0.1)


def test_a_failed_step_keeps_its_error():
    (step,) = read_steps(
        ["#3 [2/2] RUN false", "#3 ERROR: executor failed running [/bin/sh -c false]: exit code: 1"]
    )

    assert step.error == "executor failed running [/bin/sh -c false]: exit code: 1"
    assert step.stage == ""


def test_each_line_tells_which_step_it_is_about_and_others_tell_nothing():
    reader = StepReader()

    assert reader.read("") is None
    assert reader.read("------") is None
    step = reader.read("#9 [1/2] RUN x")
    assert reader.read("#9 0.1 hello") is step
    assert reader.steps == (step,)
