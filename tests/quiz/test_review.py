from __future__ import annotations

import re
from pathlib import Path

import pytest

from chaos_lib.errors import InvalidInput
from chaos_lib.mission_log import MissionLog
from chaos_lib.quiz import bank
from chaos_lib.quiz.paper import paper
from chaos_lib.quiz.review import chosen
from chaos_lib.quiz.sitting import Sitting
from chaos_lib.ui import quiz_review

from .examples import right_answer

MONDAY_2030 = 1_893_672_000.0 + 6 * 86_400


@pytest.fixture
def log(tmp_path: Path) -> MissionLog:
    return MissionLog(tmp_path / "mission.sqlite")


def take(log: MissionLog, name: str, *, wrong: tuple[str, ...] = ()) -> None:
    sitting = Sitting(log, name, paper(name, 20))
    for question in sitting.paper.questions:
        if question.id in wrong:
            sitting.answer(
                question.id, next(o.id for o in question.options if o.id != right_answer(question))
            )
        sitting.answer(question.id, right_answer(question))


def test_what_went_wrong_is_asked_again_with_some_of_the_rest_of_every_phase(log: MissionLog) -> None:
    for name in bank.load().names[:-1]:
        take(log, name, wrong=("q1",) if name == "phase-2-docker" else ())
    questions = chosen(log)
    assert len(questions) == 12
    assert "phase-2-docker/q1" in {each.name for each in questions}
    assert [each.name for each in questions if each.misses] == ["phase-2-docker/q1"]
    assert {each.question.about for each in questions} == set(bank.load().names[:-1])
    assert chosen(log) == questions


def test_only_what_was_tried_is_in_it(log: MissionLog) -> None:
    Sitting(log, "", paper(1, 20)).answer("q1", "refuses")
    assert [each.name for each in chosen(log)] == ["phase-1-tests/q1"]


def test_the_file_stands_alone_and_hides_the_answers_until_asked(log: MissionLog, tmp_path: Path) -> None:
    take(log, "phase-1-tests", wrong=("q1",))
    path = quiz_review.write(log, tmp_path, now=lambda: MONDAY_2030)
    text = path.read_text(encoding="utf-8")
    assert path == tmp_path / "quiz-review.html"
    assert not list(tmp_path.glob("*.draft"))
    assert not re.findall(r"(?:src|href)=|<script|http", text)
    assert text.count("<article>") == text.count("<details>") == 9
    assert "<details open" not in text
    outside = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    assert "A silent default turns a clear error at start" in text
    assert "A silent default turns a clear error at start" not in outside
    assert "Your first answer was: " in text
    assert "You had it right at once." in text
    assert "January 2030" in text
    assert re.search(r"<code>os\.environ\.get\(&quot;MISSION", text)
    assert quiz_review.write(log, tmp_path, now=lambda: MONDAY_2030).read_text(encoding="utf-8") == text


def test_without_a_quiz_there_is_nothing_to_review(log: MissionLog, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refusal:
        quiz_review.write(log, tmp_path)
    assert "opchaos quiz" in refusal.value.fix
    assert not (tmp_path / quiz_review.FILE).exists()
