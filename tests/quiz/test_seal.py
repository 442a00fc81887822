"""What is given away tells no answer, neither to the eye nor to a search."""

from __future__ import annotations

import base64
import binascii
import importlib.util
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from chaos_lib.quiz import bank, source
from chaos_lib.quiz.answer import normalise
from chaos_lib.quiz.seal import key_of, seal, unseal

ROOT = Path(__file__).resolve().parents[2]
SOURCE = source.load(ROOT / "quiz" / "bank.yaml")
GIVEN_AWAY = [
    path
    for path in (ROOT / "chaos_lib").rglob("*")
    if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
]


def explanations() -> Iterator[str]:
    """Every sentence that only somebody who has tried may read."""

    def walk(value: object, key: str = "") -> Iterator[str]:
        if isinstance(value, dict):
            for name, inner in value.items():
                yield from walk(inner, "why" if key in ("wrong", "not_lines") else name)
        elif isinstance(value, (list, tuple)):
            for inner in value:
                yield from walk(inner, key)
        elif isinstance(value, str) and value and key in ("why", "otherwise"):
            yield value

    yield from walk(SOURCE.model_dump(mode="json"))


def readable(data: bytes, depth: int = 2) -> Iterator[str]:
    """The text of a file, and of everything in it that is base64, hexadecimal or compressed."""
    text = data.decode("utf-8", "replace")
    yield text
    if depth == 0:
        return
    for decompress in (zlib.decompress, lambda packed: zlib.decompress(packed, 31)):
        try:
            yield from readable(decompress(data), depth - 1)
        except zlib.error:
            continue
    for token in re.findall(r"[A-Za-z0-9+/=]{24,}", text):
        try:
            yield from readable(base64.b64decode(token, validate=True), depth - 1)
        except binascii.Error:
            continue
        if re.fullmatch(r"(?:[0-9a-f]{2})+", token):
            yield from readable(bytes.fromhex(token), depth - 1)


def test_no_explanation_stands_in_any_file_of_the_package() -> None:
    secrets = list(explanations())
    assert len(secrets) > 300
    texts = [text for path in GIVEN_AWAY for text in readable(path.read_bytes())]
    # The search finds what is there: a prompt, and an explanation that is merely packed.
    assert any(SOURCE.quizzes[0].questions[0].prompt in text for text in texts)
    packed = base64.b64encode(zlib.compress(secrets[0].encode()))
    assert any(secrets[0] in text for text in readable(packed))
    everything = "\n".join(texts)
    assert [secret for secret in secrets if secret in everything] == []


def test_the_sealed_bank_says_nowhere_which_answer_is_right() -> None:
    data = json.loads(bank.PATH.read_text(encoding="utf-8"))
    fields = {name for quiz in data["quizzes"] for question in quiz["questions"] for name in question}
    assert fields == {
        "id", "about", "kind", "prompt", "snippet", "language", "options", "salt", "keys", "seal",
    }  # fmt: skip
    for quiz in data["quizzes"]:
        for question in quiz["questions"]:
            assert all(set(option) == {"id", "text"} for option in question["options"])
            assert all(re.fullmatch(r"[0-9a-f]{32}", key) for key in question["keys"])


def test_no_accepted_short_answer_stands_beside_its_question() -> None:
    sealed = {(quiz.name, q.id): q for quiz in bank.load().quizzes for q in quiz.questions}
    for quiz in SOURCE.quizzes:
        for question in quiz.questions:
            if isinstance(question, source.Short):
                given = normalise(sealed[quiz.name, question.id].model_dump_json(exclude={"seal"}))
                shown = re.sub(r"[^\w.]+", " ", given).split()
                assert not [a for a in question.accept if len(a) > 2 and a.casefold() in shown], question.id


def test_the_source_is_not_part_of_the_package() -> None:
    assert not [path for path in GIVEN_AWAY if path.name == "bank.yaml"]
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(r'packages\.find\]\ninclude = \["chaos_lib\*"\]\n', project)
    assert not (ROOT / "MANIFEST.in").exists()


def test_what_is_sealed_can_be_opened_with_its_salt_only() -> None:
    content = {"answer": "Grün ✓", "notes": {"a": "b" * 300}}
    sealed = seal("salt", content)
    assert unseal("salt", sealed) == content
    with pytest.raises((zlib.error, ValueError)):
        unseal("other", sealed)
    assert key_of("salt", "a") != key_of("pepper", "a")


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("seal_quiz", ROOT / "tools" / "seal_quiz.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tool_writes_the_bank_and_says_when_it_is_out_of_date(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, target = tmp_path / "bank.yaml", tmp_path / "bank.json"
    path.write_text((ROOT / "quiz" / "bank.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    main = tool().main
    assert main(["--check"], path=path, target=target) == 1
    assert main([], path=path, target=target) == 0
    assert main(["--check"], path=path, target=target) == 0
    assert target.read_bytes() == bank.PATH.read_bytes()
    path.write_text("quizzes: [1]", encoding="utf-8")
    assert main([], path=path, target=target) == 1
    assert "The bank of questions has 1 problem." in capsys.readouterr().out
    assert target.read_bytes() == bank.PATH.read_bytes()
