"""Troubleshooting has one entry for every error class, under the very words of its messages."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

from chaos_lib import errors
from chaos_lib.errors import ChaosError
from chaos_lib.proofs import ProofFailed
from tests.docs.pages import DOCS, ROOT

PAGE = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
CLASSES = {
    name: kind
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, ChaosError) and kind.__module__ == errors.__name__
}


def entries() -> dict[str, str]:
    parts = re.split(r"^### (\w+)$", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def texts_in_the_code() -> str:
    """Every text that the package can show, with `…` for the parts that differ."""
    found = []
    for path in (ROOT / "chaos_lib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found.append(
                    "".join(str(v.value) if isinstance(v, ast.Constant) else "…" for v in node.values)
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return "\n".join(found)


def test_every_error_class_has_one_entry_and_no_entry_is_without_a_class() -> None:
    headings = re.findall(r"^### (\w+)$", PAGE, flags=re.MULTILINE)

    assert sorted(headings) == sorted(CLASSES)


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_an_entry_shows_what_it_looks_like_and_how_to_fix_it(name: str) -> None:
    entry = entries()[name]

    assert re.search(r"^```text\n.+?^```$", entry, re.MULTILINE | re.DOTALL)
    assert "**Fix**: " in entry


def test_the_words_of_every_entry_are_those_of_the_code() -> None:
    code = texts_in_the_code()
    shown = [
        line
        for entry in entries().values()
        for block in re.findall(r"^```text\n(.+?)^```$", entry, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]

    # Pieces between the parts that differ; one letter or a dot is no evidence.
    pieces = {piece.strip(" `.") for line in shown for piece in line.split("…")}
    wanted = {piece for piece in pieces if len(piece) > 3}
    assert len(wanted) > 40
    assert {piece for piece in wanted if piece not in code} == set()


@pytest.mark.parametrize("kind", CLASSES.values(), ids=lambda kind: kind.__name__)
def test_an_error_names_its_entry(kind: type[ChaosError]) -> None:
    error = kind.__new__(kind)

    assert error.help_page == f"docs/troubleshooting.md#{kind.__name__.lower()}"


def test_an_error_defined_elsewhere_names_the_entry_of_its_family() -> None:
    assert ProofFailed("It broke.").help_page == "docs/troubleshooting.md#chaoserror"


def test_the_help_page_is_not_part_of_the_message() -> None:
    error = ChaosError("What.", evidence="seen", fix="do")

    assert error.text == str(error) == "What.\nEvidence: seen\nFix: do"
