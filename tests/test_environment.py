from __future__ import annotations

import pytest

from chaos_lib import environment
from chaos_lib.errors import InvalidAnswer


def test_variables_are_read_and_comments_are_not():
    assert environment.parse("# a comment\n\nA=1\n  B = no\n".replace("B = no", "B=two words")) == {
        "A": "1",
        "B": "two words",
    }


def test_a_value_may_hold_equals_signs_or_nothing():
    assert environment.parse("A=b=c\nEMPTY=\n") == {"A": "b=c", "EMPTY": ""}


def test_the_last_of_two_lines_counts():
    assert environment.parse("A=1\nA=2\n") == {"A": "2"}


@pytest.mark.parametrize("line", ["no equals sign", "1A=x", "A B=x", "A =x", "=x", "export A=x"])
def test_a_line_that_is_no_variable_is_told_with_its_number(line):
    with pytest.raises(InvalidAnswer) as caught:
        environment.parse(f"GOOD=1\n{line}\n")

    assert "Line 2" in caught.value.what
    assert caught.value.evidence == line
    assert "equals sign" in caught.value.fix


def test_the_lab_s_values_are_filled_in(tmp_path):
    (tmp_path / environment.FILE).write_text(environment.DEFAULT)

    loaded = environment.load(
        tmp_path, {"LAB_POSTGRES_URL": "postgresql://here", "LAB_REDIS_URL": "redis://here"}
    )

    assert loaded == {"MISSION_DATABASE_URL": "postgresql://here", "MISSION_REDIS_URL": "redis://here"}


def test_an_unknown_placeholder_stays_visible(tmp_path):
    (tmp_path / environment.FILE).write_text("A=${NOBODY_KNOWS}\nB=5$\n")

    assert environment.load(tmp_path, {}) == {"A": "${NOBODY_KNOWS}", "B": "5$"}


def test_without_a_file_there_are_no_variables(tmp_path):
    assert environment.load(tmp_path, {"LAB_REDIS_URL": "x"}) == {}


def test_setting_a_variable_keeps_every_other_line():
    text = "# keep\nA=1\n\nB=2\n"

    assert environment.with_variable(text, "A", "9") == "# keep\nA=9\n\nB=2\n"
    assert environment.with_variable(text, "C", "3") == "# keep\nA=1\n\nB=2\nC=3\n"
    assert environment.with_variable(text, "A", None) == "# keep\n\nB=2\n"
    assert environment.with_variable(text, "NONE", None) == text


def test_a_name_that_begins_alike_is_another_variable():
    assert environment.with_variable("AB=1\n", "A", "2") == "AB=1\nA=2\n"


def test_the_default_file_is_valid():
    assert set(environment.parse(environment.DEFAULT)) == {"MISSION_DATABASE_URL", "MISSION_REDIS_URL"}
