from __future__ import annotations

from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.figure import Figure

from chaos_lib.errors import NotAnsweredYet
from chaos_lib.experiment import Healed
from chaos_lib.hints import Hint
from chaos_lib.service import Answer
from chaos_lib.ui import formatters, plots

from .fake_mission import an_attack, an_error, green, red, runs


class Shell:
    def __init__(self) -> None:
        self.display_formatter = DisplayFormatter()


@pytest.fixture
def shown() -> Any:
    shell = Shell()
    formatters.register(shell)
    formatters.register(shell)
    return lambda value: shell.display_formatter.format(value)[0]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (green(), "✓ GREEN"),
        (red(), "✗ RED"),
        (Healed(), "✓ HEALTHY"),
        (Hint("Look closer.", is_new=True, is_last=False), "? HINT"),
        (runs(True, False), "✗ FLAKY"),
        (an_attack(), "🔌 ATTACK"),
        (an_error(), "! PROBLEM"),
        (NotAnsweredYet("`a.py` is not answered yet.", fix="Answer it."), "… YOUR TURN"),
        (Answer(200, '{"status":"ready"}'), "✓ HTTP 200"),
        (Answer(503, "no database"), "✗ HTTP 503"),
        (Answer(0, "refused"), "✗ NO ANSWER"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_cell_that_ends_in_one_of_our_values_shows_a_card_and_its_text(
    shown: Any, value: Any, words: str
) -> None:
    bundle = shown(value)
    assert bundle["text/plain"].startswith(words)
    assert 'class="oc oc-card' in bundle["text/html"]


def test_a_figure_is_shown_with_its_words(shown: Any) -> None:
    bundle = shown(plots.pass_rate(runs(True, False)))
    assert 'alt="1 of 2 runs passed, pass rate 50%.' in bundle["text/html"]
    assert bundle["text/html"].startswith('<img src="data:image/png;base64,')
    assert bundle["text/plain"].startswith("1 of 2 runs passed")


def test_a_figure_of_somebody_else_is_left_alone(shown: Any) -> None:
    bundle = shown(Figure())
    assert "text/html" not in bundle
    assert "Figure" in bundle["text/plain"]
