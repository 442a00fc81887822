"""The bank as authors write it: the schema of `quiz/bank.yaml`. Every explanation is required."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from chaos_lib.errors import InvalidInput
from chaos_lib.quiz.answer import normalise
from chaos_lib.quiz.bank import FINAL

_FEWEST, _FEWEST_IN_FINAL = 8, 30


def _one_text(text: str) -> str:
    stripped = text.strip()
    if len(stripped) < 3:
        raise ValueError("write a sentence here")
    return stripped


Text = Annotated[str, AfterValidator(_one_text)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,23}$")]
PhaseName = Annotated[str, Field(pattern=r"^phase-[0-5]-[a-z0-9]+$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceOption(_Strict):
    """Something to choose.

    Attributes:
        id: Its name in an answer.
        text: What it says.
        why: Why it is right, or wrong.
        right: Whether it is.
    """

    id: Name
    text: Text
    why: Text
    right: bool = False


class SourceItem(_Strict):
    """Something to put in order.

    Attributes:
        id: Its name in an answer.
        text: What it says.
        why: Why it comes after the one before; the first one has none.
    """

    id: Name
    text: Text
    why: str = ""


class _SourceQuestion(_Strict):
    id: Name
    about: PhaseName = ""
    prompt: Text
    snippet: str = ""
    language: Literal["", "py", "yaml", "sh", "Dockerfile", "Jenkinsfile", "text"] = ""

    @model_validator(mode="after")
    def _has_language(self) -> _SourceQuestion:
        if bool(self.snippet) != bool(self.language):
            raise ValueError("`snippet` and `language` go together")
        return self


class Choice(_SourceQuestion):
    """A question with options; a single choice has exactly one right one, a multiple choice at least two and a wrong one."""

    kind: Literal["single", "multiple"]
    options: Annotated[tuple[SourceOption, ...], Field(min_length=3, max_length=6)]

    @model_validator(mode="after")
    def _has_right_ones(self) -> Choice:
        _require_different("options", [option.id for option in self.options])
        _require_different("options' texts", [option.text for option in self.options])
        right = sum(option.right for option in self.options)
        if self.kind == "single" and right != 1:
            raise ValueError(f"`options`: a single choice has exactly one with `right: true`, not {right}")
        if self.kind == "multiple" and not 2 <= right < len(self.options):
            raise ValueError(
                f"`options`: a multiple choice has at least two right ones and a wrong one, not {right} right"
            )
        return self


class Order(_SourceQuestion):
    """Things to put in order; `items` stand in the right one."""

    kind: Literal["order"]
    items: Annotated[tuple[SourceItem, ...], Field(min_length=3, max_length=6)]
    why: Text

    @model_validator(mode="after")
    def _explains_each_step(self) -> Order:
        _require_different("items", [item.id for item in self.items])
        for item in self.items[1:]:
            if not item.why:
                raise ValueError(
                    f"`items`: `{item.id}` lacks its `why`: why does it come after the one before?"
                )
        if self.items[0].why:
            raise ValueError(f"`items`: `{self.items[0].id}` is the first and needs no `why`")
        return self


class Fault(_SourceQuestion):
    """A snippet with a line to choose."""

    kind: Literal["fault"]
    fault: Annotated[int, Field(ge=1)]
    why: Text
    not_lines: Annotated[dict[int, Text], Field(min_length=1)]
    otherwise: Text

    @model_validator(mode="after")
    def _lines_are_there(self) -> Fault:
        lines = self.snippet.rstrip("\n").splitlines()
        for name, number in (("fault", self.fault), *(("not_lines", each) for each in self.not_lines)):
            if not (1 <= number <= len(lines) and lines[number - 1].strip()):
                raise ValueError(f"`{name}`: line {number} of the snippet is empty or not there")
        if self.fault in self.not_lines:
            raise ValueError(f"`not_lines`: line {self.fault} is the fault")
        return self


class Short(_SourceQuestion):
    """A short text to type."""

    kind: Literal["short"]
    accept: Annotated[tuple[str, ...], Field(min_length=1)]
    why: Text
    wrong: Annotated[dict[str, Text], Field(min_length=1)]
    otherwise: Text

    @model_validator(mode="after")
    def _accepts_something(self) -> Short:
        accepted = {normalise(text) for text in self.accept}
        if "" in accepted:
            raise ValueError("`accept`: nothing of it is left after normalisation")
        if both := accepted & {normalise(text) for text in self.wrong}:
            raise ValueError(f"`wrong`: {', '.join(sorted(both))} is accepted, too")
        return self


SourceQuestion = Annotated[Choice | Order | Fault | Short, Field(discriminator="kind")]


class SourceQuiz(_Strict):
    """A quiz; in the final each question says which phase it is about."""

    name: Annotated[str, Field(pattern=rf"^(phase-[0-5]-[a-z0-9]+|{FINAL})$")]
    title: Text
    draws: Annotated[int, Field(ge=0)] = 0
    questions: tuple[SourceQuestion, ...]

    @model_validator(mode="after")
    def _is_large_enough(self) -> SourceQuiz:
        _require_different("questions", [question.id for question in self.questions])
        fewest = _FEWEST_IN_FINAL if self.name == FINAL else _FEWEST
        if len(self.questions) < fewest:
            raise ValueError(f"`questions`: {self.name} needs {fewest} or more, not {len(self.questions)}")
        if self.draws > len(self.questions):
            raise ValueError(f"`draws`: {self.draws} of {len(self.questions)} questions")
        for question in self.questions:
            if (self.name == FINAL) != bool(question.about):
                raise ValueError(
                    f"`about` of {question.id}: needed in the final, and only there (elsewhere it is the quiz's phase)"
                )
        return self


class SourceBank(_Strict):
    """The whole bank."""

    quizzes: tuple[SourceQuiz, ...]

    @model_validator(mode="after")
    def _quizzes_differ(self) -> SourceBank:
        if not self.quizzes:
            raise ValueError("`quizzes`: there is none")
        _require_different("quizzes", [quiz.name for quiz in self.quizzes])
        return self


def parse(text: str, *, path: str = "quiz/bank.yaml") -> SourceBank:
    """Read a bank.

    Args:
        text: YAML.
        path: Named in errors.

    Raises:
        InvalidInput: It is not as it should be; the evidence has one line a problem, with question and field.
    """
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as exc:
        raise _invalid(path, [" ".join(str(exc).split())]) from exc
    try:
        return SourceBank.model_validate(data)
    except ValidationError as exc:
        raise _invalid(path, [_told(data, error) for error in exc.errors()]) from exc


def load(path: Path) -> SourceBank:
    """Read the bank from a file; raises like `parse`."""
    return parse(path.read_text(encoding="utf-8"), path=str(path))


def _invalid(path: str, problems: list[str]) -> InvalidInput:
    return InvalidInput(
        f"The bank of questions has {len(problems)} problem{'s' * (len(problems) != 1)}.",
        evidence="\n".join(f"{path}: {problem}" for problem in problems),
        fix="Correct it, then run `python tools/seal_quiz.py`.",
    )


def _told(data: Any, error: Any) -> str:
    """Say where a problem is in the words of the file: quiz, question, field."""
    names: list[str] = []
    fields: list[str] = []
    found = data
    before: str | int = ""
    for part in error["loc"]:
        is_branch = isinstance(before, int) and isinstance(found, dict) and part == found.get("kind")
        before = part
        if is_branch:
            continue  # of the union of all kinds, not a field
        found = _inside(found, part)
        if isinstance(part, int) and isinstance(found, dict) and ("id" in found or "name" in found):
            names.append(str(found.get("name") or found.get("id")))
            fields.clear()
        else:
            fields.append(f"[{part + 1}]" if isinstance(part, int) else str(part))
    message = re.sub(r"^Value error, ", "", error["msg"])
    where = ", ".join(names) or "the file"
    field = ".".join(fields).replace(".[", "[")
    return f"{where}: field `{field}`: {message}" if field else f"{where}: {message}"


def _inside(found: Any, part: str | int) -> Any:
    if isinstance(found, dict):
        return found.get(part)
    if isinstance(found, list) and isinstance(part, int) and part < len(found):
        return found[part]
    return None


def _require_different(field: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"`{field}`: {', '.join(twice)} is there twice")
