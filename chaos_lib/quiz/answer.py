"""Reads an answer, as it was typed or chosen, into its canonical form: one text for each answer that means the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from chaos_lib.errors import InvalidAnswer
from chaos_lib.quiz.question import Kind, Question

AND, THEN = ", ", " > "
_QUOTES = "`'\"“”‘’«»"
_ARTICLE = re.compile(r"^(a|an|the) (?=.)")
_SEPARATORS = re.compile(r"[\s_\-‐‑‒–—]+")


def normalise(text: str) -> str:
    """Return a short answer without what does not matter: case, blanks, quotes, hyphens, an article, a full stop.

    Normalising twice changes nothing more.
    """
    before = None
    while text != before:
        before = text
        text = unicodedata.normalize("NFKC", text).casefold()
        text = _SEPARATORS.sub(" ", text).strip(_QUOTES + " .,;!?$")
        text = _ARTICLE.sub("", text)
    return text


def read(question: Question, given: object) -> str:
    """Return an answer in its canonical form.

    Args:
        question: What was asked.
        given: The id of an option; several as a list or as text with commas; a line's number; a short text.

    Raises:
        InvalidAnswer: It cannot be an answer to this question, right or wrong.
    """
    return _READERS[question.kind](question, given)


def value_of(question: Question, canonical: str) -> str | int | list[str]:
    """Return a canonical answer as one writes it in a cell."""
    if question.kind is Kind.FAULT:
        return int(canonical)
    if question.kind is Kind.MULTIPLE:
        return canonical.split(AND)
    if question.kind is Kind.ORDER:
        return canonical.split(THEN)
    return canonical


def _read_single(question: Question, given: object) -> str:
    names = _names(question, given)
    if len(names) != 1:
        raise _invalid(question, given, "one option")
    return names[0]


def _read_multiple(question: Question, given: object) -> str:
    return AND.join(sorted(set(_names(question, given))))


def _read_order(question: Question, given: object) -> str:
    names = _names(question, given)
    if sorted(names) != sorted(option.id for option in question.options):
        raise _invalid(question, given, "every option, each once")
    return THEN.join(names)


def _read_fault(question: Question, given: object) -> str:
    found = re.fullmatch(r"(?:line )?(\d{1,3})", str(given).strip())
    numbers = {number for number, _ in question.lines}
    if found is None or int(found[1]) not in numbers:
        raise _invalid(question, given, f"the number of a line that is not empty, 1 to {max(numbers)}")
    return str(int(found[1]))


def _read_short(question: Question, given: object) -> str:
    text = normalise(str(given)) if isinstance(given, (str, int)) else ""
    if not text:
        raise _invalid(question, given, "a word, a number or a command")
    return text


_READERS = {
    Kind.SINGLE: _read_single,
    Kind.MULTIPLE: _read_multiple,
    Kind.ORDER: _read_order,
    Kind.FAULT: _read_fault,
    Kind.SHORT: _read_short,
}


def _names(question: Question, given: object) -> list[str]:
    if isinstance(given, str):
        parts = [part.strip() for part in re.split(r"[,>]", given)]
    elif isinstance(given, Iterable):
        parts = [str(part).strip() for part in given]
    else:
        parts = []
    known = {option.id for option in question.options}
    if not parts or not set(parts) <= known:
        raise _invalid(question, given, f"{question.kind.task} Options: {', '.join(sorted(known))}")
    return parts


def _invalid(question: Question, given: object, wanted: str) -> InvalidAnswer:
    return InvalidAnswer(
        f"That cannot be an answer to {question.id}; it was not counted.",
        evidence=f"given {given!r}; wanted: {wanted}",
        fix="Answer once more.",
    )
