"""The matrix as JSON, as a page and as a picture: each says everything without colour."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chaos_lib.matrix import CLEAN, Cell, Matrix, Outcome, Source, draw, page, to_json, write_png
from chaos_lib.settings import Tier
from tests.matrix.conftest import FileReader


def cell(attack: str, defence: str, reason: str = "OK", *, is_promised: bool = False) -> Cell:
    return Cell(attack, defence, reason, f"It said {reason}.", is_promised, 1.25, "f")


@pytest.fixture
def matrix(attacks, variables, codenames) -> Matrix:
    """One caught, one missed, one also caught, one false alarm."""
    cells = [
        cell(CLEAN, "variables"),
        cell(CLEAN, "codenames", "TEXT_WRONG"),
        cell("env_var_missing", "variables", "TEXT_WRONG", is_promised=True),
        cell("env_var_missing", "codenames", "TEXT_WRONG"),
        cell("codename_scrambled", "codenames"),
    ]
    return Matrix(attacks, [variables, codenames], cells, Tier.EMBEDDED)


@pytest.fixture
def with_derived(attacks, variables, codenames) -> Matrix:
    """A derived cell, and one that was audited and contradicts."""
    cells = [
        cell(CLEAN, "variables"),
        cell(CLEAN, "codenames"),
        cell("env_var_missing", "variables", "TEXT_WRONG", is_promised=True),
        replace(cell("env_var_missing", "codenames"), source=Source.DERIVED),
        replace(cell("codename_scrambled", "variables", "TEXT_WRONG"), source=Source.AUDITED),
    ]
    return Matrix(attacks, [variables, codenames], cells, Tier.EMBEDDED)


def texts(figure) -> set[str]:
    return {text.get_text() for axes in figure.axes for text in axes.texts}


def test_json_holds_every_cell_with_its_outcome_and_the_statement(matrix):
    report = json.loads(to_json(matrix))

    assert report["holds"] is False
    assert report["outcomes"]["caught"] == report["outcomes"]["false alarm"] == 1
    assert report["cells"][0]["attack"] is None
    assert [each["outcome"] for each in report["cells"]] == [
        "quiet", "false alarm", "caught", "also caught", "missed",
    ]  # fmt: skip
    assert report["elapsed_s"] == 6.25
    assert len(report["problems"]) == 2


def test_each_cell_of_the_json_is_a_line_and_says_where_it_comes_from(with_derived):
    text = to_json(with_derived)

    report = json.loads(text)
    assert report["sources"] == {"measured": 3, "derived": 1, "audited": 1}
    assert report["outcomes"]["derived"] == 1
    assert report["outcomes"]["contradiction"] == 1
    derived = next(each for each in report["cells"] if each["source"] == "derived")
    assert "elapsed_s" not in derived
    assert sum('"outcome": ' in line for line in text.splitlines()) == 5


def test_the_page_says_of_each_attack_and_each_defence_what_happened(matrix):
    text = page(matrix, picture="matrix.png")

    assert (
        "| 🔡 `env_var_missing` | `variables` | **✓ caught**, `TEXT_WRONG`, 1.2 s | `codenames` | – |" in text
    )
    assert "✗ missed" not in text.split("## The attacks")[1].split("`env_var_missing`")[0]
    assert "| 🎭 `codename_scrambled` | `codenames` | ✗ missed, `OK`, 1.2 s | – | – |" in text
    assert (
        "| `codenames` | `*`, containers, credentials, cluster | ! false alarm, 1.2 s | `env_var_missing` |"
        in text
    )
    assert "](matrix.png)" in text
    assert "What does not hold" in text
    for outcome in (Outcome.CAUGHT, Outcome.MISSED, Outcome.FALSE_ALARM):
        assert f"- {outcome.symbol} **{outcome.value}**: {outcome.meaning}." in text
    assert Outcome.WRONG_REASON.meaning not in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in tables} == {5, 6}


def test_the_page_says_how_much_was_run_and_how_much_follows(with_derived):
    text = page(with_derived)

    assert "(1 cells; 4 were run)" in text
    assert "(here 1)" in text


def test_a_derived_cell_is_told_by_a_symbol_of_its_own(with_derived):
    figure = draw(with_derived)

    assert {"= derived", "≢ contradiction\n1.2 s"} <= texts(figure)


def test_a_page_without_a_picture_shows_none(matrix):
    assert "![" not in page(matrix)


def test_every_cell_of_the_picture_says_its_outcome_in_a_word_and_a_symbol(matrix):
    figure = draw(matrix)

    assert {"✓ caught\n1.2 s", "✗ missed\n1.2 s", "! false alarm\n1.2 s", "– not played"} <= texts(figure)
    assert "1 of 2 attacks caught" in figure.get_suptitle()
    assert "env_var_missing: caught by variables" in figure.get_label()


def test_a_wide_picture_keeps_the_symbols_and_explains_them_below(attacks):
    names = [f"defence-{number}" for number in range(20)]
    defences = [FileReader(name, "", "") for name in names]
    wide = Matrix(attacks, defences, [cell(CLEAN, name) for name in names], Tier.LIVE)

    figure = draw(wide)

    assert texts(figure) == {Outcome.QUIET.symbol, Outcome.NOT_PLAYED.symbol, "phase 1"}
    assert Outcome.QUIET.meaning in figure.get_supxlabel()


def test_every_outcome_has_a_symbol_of_its_own():
    assert len({outcome.symbol for outcome in Outcome}) == len(Outcome)
    assert all(outcome.meaning for outcome in Outcome)


def test_the_same_matrix_gives_the_same_picture_byte_for_byte(matrix, tmp_path):
    write_png(draw(matrix), tmp_path / "one.png")
    write_png(draw(matrix), tmp_path / "two.png")

    one = (tmp_path / "one.png").read_bytes()
    assert one == (tmp_path / "two.png").read_bytes()
    assert b"attacks caught" in one
