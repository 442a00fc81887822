"""The stage view, as a build tells it."""

from __future__ import annotations

from typing import Any

import pytest

from chaos_lib.errors import InvalidInput
from chaos_lib.pipeline.protocol import BuildRecord, BuildResult, JUnitCounts, StageRecord, StageStatus
from chaos_lib.ui.stage_view import StageView
from tests.ui.fake_mission import HOSTILE

CHECK = StageRecord("1", "Check", "", StageStatus.SUCCESS, 2.0)
LINT = StageRecord("1.1", "Lint", "1", StageStatus.SUCCESS, 0.4)
TESTS = StageRecord("2", HOSTILE, "", StageStatus.FAILED, 31.0)
DEPLOY = StageRecord("3", "Deploy", "", StageStatus.NOT_EXECUTED, 0.0, "skipped")


class FakeBuild:
    """Knows what each stage has said."""

    number = 7
    stages = (CHECK, LINT, TESTS, DEPLOY)

    def stage_log(self, stage_id: str) -> str:
        return f"log of {stage_id}\n{HOSTILE}" if stage_id == "2" else ""

    def abort(self, by: str = "") -> None:
        raise AssertionError(by)

    def wait(self, timeout_s: float) -> Any:
        raise AssertionError(timeout_s)


def ended(result: BuildResult = BuildResult.FAILURE) -> StageView:
    view = StageView()
    build = FakeBuild()
    view.started(build)
    view.listener.text(f"{HOSTILE}\nlast ")
    view.listener.text("line\n")
    for stage in build.stages:
        view.listener.stage(stage)
    view.ended(
        BuildRecord("job", 7, result, 33.0, build.stages, f"{HOSTILE}\nFinished", tests=JUnitCounts(3, 1))
    )
    return view


def test_while_it_runs_the_stages_so_far_are_shown() -> None:
    view = StageView()
    assert "RUNNING" in view.text
    view.listener.stage(StageRecord("1", "Check", "", StageStatus.IN_PROGRESS, 0.5))

    assert "◌ running" in view.text
    assert "Check" in view.snapshot.html


def test_the_text_twin_has_each_stage_with_status_and_seconds() -> None:
    text = ended().text

    assert "✗ FAILURE  mission-control #7  [33 s, 3 tests, 1 failed]" in text
    assert "✓ success      2.0 s  Check" in text
    assert "\u2003Lint" in text, "a stage within another one is indented"
    assert "– skipped             Deploy" in text
    assert "Finished" in text, "of a red build the last lines are told"


def test_a_hostile_name_or_log_is_shown_as_text() -> None:
    view = ended()

    assert "<script>" not in view.snapshot.html
    assert "<script>" not in view.log(HOSTILE).html
    assert HOSTILE in view.log(HOSTILE).text


def test_the_log_of_the_stage_that_failed_is_chosen_and_another_can_be() -> None:
    view = ended()
    choice, chosen = view.widget.children[2], view.widget.children[4]
    assert (choice.value, choice.disabled) == ("2", False)
    assert "log of 2" in chosen.value

    choice.value = "1.1"
    assert "nothing of its own" in chosen.value
    choice.value = ""
    assert chosen.value == ""


def test_a_green_build_chooses_nothing_and_an_unknown_stage_is_told() -> None:
    view = ended(BuildResult.SUCCESS)
    assert "Last lines" not in view.text
    with pytest.raises(InvalidInput) as caught:
        view.log("Nowhere")
    assert "Nowhere" in caught.value.what
    assert "Check" in caught.value.evidence
    assert caught.value.fix
