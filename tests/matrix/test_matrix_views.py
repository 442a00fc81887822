"""The matrix as JSON, as a page and as a picture: each says everything without colour."""

from __future__ import annotations

import json

import pytest

from chaos_lib.matrix import CLEAN, Cell, Matrix, Outcome, draw, page, to_json, write_svg
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


def test_the_page_has_a_row_for_each_attack_and_one_for_the_clean_project(matrix):
    text = page(matrix, picture="matrix.svg")

    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 2 + 1
    assert {row.count("|") for row in rows} == {4}
    assert "**✓ caught**<br>`TEXT_WRONG`<br>1.2 s" in rows[2]
    assert "– not played" in rows[3]
    assert rows[4].startswith("| the clean project |")
    assert "](matrix.svg)" in text
    assert "What does not hold" in text
    for outcome in (Outcome.CAUGHT, Outcome.MISSED, Outcome.FALSE_ALARM):
        assert f"- {outcome.symbol} **{outcome.value}**: {outcome.meaning}." in text
    assert Outcome.WRONG_REASON.meaning not in text


def test_a_page_without_a_picture_shows_none(matrix):
    assert "![" not in page(matrix)


def test_every_cell_of_the_picture_says_its_outcome_in_a_word_and_a_symbol(matrix):
    figure = draw(matrix)

    assert {"✓ caught\n1.2 s", "✗ missed\n1.2 s", "! false alarm\n1.2 s", "– not played"} <= texts(figure)
    assert "1 of 2 attacks caught" in figure.axes[0].get_title(loc="left")
    assert "env_var_missing: caught by variables" in figure.get_label()


def test_a_wide_picture_keeps_the_symbols_and_explains_them_below(attacks):
    names = [f"defence-{number}" for number in range(20)]
    defences = [FileReader(name, "", "") for name in names]
    wide = Matrix(attacks, defences, [cell(CLEAN, name) for name in names], Tier.LIVE)

    figure = draw(wide)

    assert texts(figure) == {Outcome.QUIET.symbol, Outcome.NOT_PLAYED.symbol}
    assert Outcome.QUIET.meaning in figure.axes[0].get_xlabel()


def test_every_outcome_has_a_symbol_of_its_own():
    assert len({outcome.symbol for outcome in Outcome}) == len(Outcome)
    assert all(outcome.meaning for outcome in Outcome)


def test_the_same_matrix_gives_the_same_picture_byte_for_byte(matrix, tmp_path):
    write_svg(draw(matrix), tmp_path / "one.svg")
    write_svg(draw(matrix), tmp_path / "two.svg")

    one = (tmp_path / "one.svg").read_bytes()
    assert one == (tmp_path / "two.svg").read_bytes()
    assert b"<title>" in one
