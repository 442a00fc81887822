"""Makes of the authors' bank the one that is given away: answers as hashes, explanations sealed."""

from __future__ import annotations

from chaos_lib.quiz.answer import AND, THEN, normalise
from chaos_lib.quiz.bank import Bank, Quiz
from chaos_lib.quiz.draw import shuffled
from chaos_lib.quiz.judge import Secret
from chaos_lib.quiz.question import Kind, Option, Question
from chaos_lib.quiz.seal import key_of, salt_of, seal
from chaos_lib.quiz.source import Choice, Fault, Order, Short, SourceBank, SourceQuestion, SourceQuiz


def sealed(source: SourceBank) -> Bank:
    """Seal a bank; the same source gives the same bank."""
    return Bank(quizzes=tuple(_quiz(quiz) for quiz in source.quizzes))


def written(bank: Bank) -> str:
    """Return a bank as the text of its file: one value a line, so that git shows what has changed."""
    return bank.model_dump_json(indent=1) + "\n"


def _quiz(source: SourceQuiz) -> Quiz:
    questions = tuple(_question(source.name, question) for question in source.questions)
    return Quiz(name=source.name, title=source.title, draws=source.draws, questions=questions)


def _question(quiz: str, source: SourceQuestion) -> Question:
    salt = salt_of(f"{quiz}/{source.id}", source.model_dump(mode="json"))
    options, secret, accepted = _parts(source)
    return Question(
        id=source.id,
        about=source.about or quiz,
        kind=Kind(source.kind),
        prompt=source.prompt,
        snippet=source.snippet.rstrip("\n"),
        language=source.language,
        # The authors' order may tell something, such as the right one first.
        options=shuffled(options, salt, lambda option: option.id),
        salt=salt,
        keys=tuple(key_of(salt, answer) for answer in accepted),
        seal=seal(salt, secret.model_dump()),
    )


def _parts(source: SourceQuestion) -> tuple[tuple[Option, ...], Secret, tuple[str, ...]]:
    if isinstance(source, Choice):
        answer = AND.join(sorted(option.id for option in source.options if option.right))
        secret = Secret(answer=answer, notes={option.id: option.why for option in source.options})
        return tuple(Option(id=each.id, text=each.text) for each in source.options), secret, (answer,)
    if isinstance(source, Order):
        answer = THEN.join(item.id for item in source.items)
        pairs = zip(source.items, source.items[1:], strict=False)
        notes = {f"{first.id}{THEN}{then.id}": then.why for first, then in pairs}
        secret = Secret(answer=answer, why=source.why, notes=notes)
        return tuple(Option(id=each.id, text=each.text) for each in source.items), secret, (answer,)
    if isinstance(source, Fault):
        notes = {str(number): why for number, why in source.not_lines.items()}
        secret = Secret(answer=str(source.fault), why=source.why, notes=notes, otherwise=source.otherwise)
        return (), secret, (str(source.fault),)
    assert isinstance(source, Short)
    accepted = tuple(sorted({normalise(text) for text in source.accept}))
    secret = Secret(
        answer=source.accept[0], why=source.why, notes=dict(source.wrong), otherwise=source.otherwise
    )
    return (), secret, accepted
