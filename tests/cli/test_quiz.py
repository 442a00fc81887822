"""`opchaos quiz`: the text twin."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner, Result

from chaos_lib.cli import app
from chaos_lib.cli.quiz import by_letters
from chaos_lib.errors import InvalidAnswer
from chaos_lib.mission_log import MissionLog
from chaos_lib.quiz.paper import paper
from chaos_lib.quiz.question import Kind, Question
from chaos_lib.quiz.sitting import KIND
from tests.quiz.examples import right_answer


def typed(*lines: str, arguments: tuple[str, ...] = ("phase-1",)) -> Result:
    result = CliRunner().invoke(app, ["quiz", *arguments], input="".join(f"{line}\n" for line in lines))
    assert "Traceback" not in result.output
    return result


def line_of(question: Question) -> str:
    """What somebody types who knows everything."""
    answer = right_answer(question)
    letters = {option.id: letter for option, letter in zip(question.options, "abcdef", strict=False)}
    if question.kind in (Kind.FAULT, Kind.SHORT):
        return answer
    return "".join(letters[name] for name in answer.replace(" > ", ", ").split(", "))


def test_without_a_name_the_quizzes_are_listed(cli):
    result = cli("quiz")
    assert result.exit_code == 0
    assert "phase-3-jenkins" in result.stdout
    assert "The final quiz" in result.stdout
    assert "✓ passed" not in result.stdout


@pytest.mark.parametrize("name", ["phase-0-setup", "phase-4", "final"])
def test_who_knows_everything_passes(cli, name):
    asked = paper(name, cli.settings.seed).questions
    result = typed(*map(line_of, asked), arguments=(name,))
    assert result.exit_code == 0
    assert result.stdout.count("✓ RIGHT") == len(asked)
    assert "✓ QUIZ PASSED" in result.stdout
    assert "chaos.answer_quiz(" in result.stdout
    assert "✓ passed" in cli("quiz").stdout
    # What is right is not asked again.
    again = typed(arguments=(name,))
    assert again.exit_code == 0
    assert "QUESTION" not in again.stdout


def test_a_wrong_answer_is_explained_and_asked_again_until_it_is_told(cli):
    question = paper(1, cli.settings.seed).questions[0]
    wrong = [letter for letter in "abcd" if letter != line_of(question)]
    result = typed(*wrong, "")
    assert result.exit_code == 1
    assert result.stdout.count("✗ NOT RIGHT") == 3
    assert result.stdout.count("The right answer: It starts, and looks for its database") == 1
    assert "… QUIZ OPEN" in result.stdout
    log = MissionLog(cli.settings.state / "mission.sqlite")
    assert [event.data["attempt"] for event in log.events(kind=KIND)] == [1, 2, 3]


def test_an_empty_line_passes_over_and_nonsense_is_asked_again(cli):
    result = typed("", "99", "4", *[""] * 7)
    assert result.exit_code == 1
    assert "That cannot be an answer to q2" in result.stdout
    assert "1 of 9 right" in result.stdout


def test_another_seed_draws_another_final(cli):
    first, second = (typed(arguments=("final", "--seed", seed)).stdout for seed in ("1", "2"))
    assert first != second
    assert first == typed(arguments=("final", "--seed", "1")).stdout


def test_an_unknown_quiz_is_wrong_input(cli):
    result = cli("quiz", "phase-9")
    assert result.exit_code == 2
    assert "There is no quiz `phase-9`." in result.stderr


def test_the_review_is_written_after_a_quiz_only(cli):
    assert cli("quiz", "--review").exit_code == 2
    typed("a")
    result = cli("quiz", "--review")
    assert result.exit_code == 0
    assert (cli.settings.home / "quiz-review.html").is_file()
    assert "quiz-review.html" in result.stdout


def test_letters_may_be_typed_in_many_ways():
    question = next(q for q in paper(1, 20).questions if q.kind is Kind.MULTIPLE)
    names = [option.id for option in question.options]
    for line in ("ac", "A, C", " a c ", "a) c)"):
        assert by_letters(question, line) == [names[0], names[2]]
    with pytest.raises(InvalidAnswer, match="no option z"):
        by_letters(question, "az")
