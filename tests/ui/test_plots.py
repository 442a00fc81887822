from __future__ import annotations

import io
import subprocess
import sys

import pytest
from matplotlib.figure import Figure

from chaos_lib.ui import plots
from chaos_lib.ui.plot_style import FAILED, PASSED, SERIES

from .fake_mission import runs


def texts(figure: Figure) -> list[str]:
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    for axes in figure.axes:
        found += [axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()]
        legend = axes.get_legend()
        found += [text.get_text() for text in legend.get_texts()] if legend else []
    return found


def test_the_title_says_the_rate_and_every_run_has_a_mark_beside_its_colour() -> None:
    figure = plots.pass_rate(runs(True, False, True, True))
    seen = texts(figure)
    assert "3 of 4 runs passed, pass rate 75%" in seen
    assert [seen.count("✓"), seen.count("✗")] == [3, 1]
    assert {"✓ passed", "✗ failed", "seconds", "run"} <= set(seen)


def test_failed_runs_are_hatched_for_those_who_do_not_see_the_colour() -> None:
    figure = plots.pass_rate(runs(True, False))
    assert [patch.get_hatch() or "" for patch in figure.axes[0].patches] == [PASSED.hatch, FAILED.hatch]
    looks = [PASSED, FAILED, *SERIES]
    assert len({(mark.hatch, mark.symbol) for mark in looks}) == len(looks)


def test_the_label_says_in_words_what_the_picture_shows() -> None:
    label = str(plots.pass_rate(runs(True, False, False)).get_label())
    assert label == "1 of 3 runs passed, pass rate 33%. Failed: run 2, 3. All runs together took 3.9 s."


def test_before_and_after_share_one_scale_and_name_themselves() -> None:
    figure = plots.before_after(runs(True, False), runs(True, True, True), names=("Sleep", "Wait"))
    first, second = figure.axes
    assert first.get_ylim() == second.get_ylim()
    assert first.get_xlim() == second.get_xlim()
    assert first.get_title(loc="left").startswith("Sleep: 1 of 2")
    assert second.get_title(loc="left").startswith("Wait: 3 of 3")
    assert "Wait: 3 of 3 runs passed, pass rate 100%." in str(figure.get_label())


@pytest.mark.parametrize("many", [1, 2, 50])
def test_any_number_of_runs_can_be_drawn_without_a_warning(many: int) -> None:
    image = io.BytesIO()
    plots.pass_rate(runs(*[True] * many)).savefig(image)
    assert image.getvalue().startswith(b"\x89PNG")


def test_no_global_state_of_pyplot_is_loaded() -> None:
    code = "import sys, chaos_lib.ui.plots; print('matplotlib.pyplot' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
