from __future__ import annotations

import re
from pathlib import Path

import pytest

import chaos_lib.ui.confetti as confetti
from chaos_lib.ui.announcer import Announcer
from chaos_lib.ui.confetti import Confetti, celebrate

VENDOR = Path(confetti.__file__).parent / "vendor"


def without_comments(source: str) -> str:
    return re.sub(r"/\*.*?\*/|^\s*//.*$", "", source, flags=re.DOTALL | re.MULTILINE)


def test_nothing_is_fetched_from_a_network() -> None:
    for source in (str(Confetti._esm), str(Announcer._esm)):
        code = without_comments(source)
        assert not re.search(r"https?:|\bfetch\b|XMLHttpRequest|\bimport\b|importScripts|\.src\s*=", code)
    assert not re.search(r"https?:|url\(|@import", str(Confetti._css))


def test_people_who_want_no_motion_get_the_banner_alone() -> None:
    view = str(Confetti._esm).split("function render")[1]
    still = view.index("prefers-reduced-motion")
    assert still < view.index("el.append(banner)") < view.index("if (still") < view.index("confetti.create")


def test_the_payoff_is_put_in_as_text_never_as_markup() -> None:
    assert "innerHTML" not in str(Confetti._esm).split("function render")[1]


def test_the_joined_module_has_one_export() -> None:
    assert len(re.findall(r"^export ", str(Confetti._esm), flags=re.MULTILINE)) == 1


def test_the_vendored_file_carries_its_licence() -> None:
    licence = (VENDOR / "LICENSE.canvas-confetti").read_text(encoding="utf-8")
    source = (VENDOR / "canvas_confetti.js").read_text(encoding="utf-8")
    assert "ISC License" in licence
    assert licence.strip() in source


def test_a_celebration_is_a_line_where_there_are_no_widgets() -> None:
    shown = celebrate("My tests are <bulletproof>!")
    assert shown.text == "🎉 PAYOFF  My tests are <bulletproof>!"
    assert "&lt;bulletproof&gt;" in shown.snapshot.html


@pytest.mark.parametrize("name", ["payoff", "has_fired"])
def test_the_page_knows_the_payoff_and_whether_it_was_celebrated_before(name: str) -> None:
    assert Confetti(payoff="x").trait_metadata(name, "sync")
