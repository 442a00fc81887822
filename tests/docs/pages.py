"""What the tests read out of the site's pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
_FENCE = re.compile(
    r"^```(?: \{ \.)?(?P<language>[a-z]*)(?: \})?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_CODE = re.compile(r"`(?P<text>[^`\n]+)`")


@dataclass(frozen=True)
class Snippet:
    """A piece of code on a page.

    Attributes:
        page: Path relative to the repository.
        text: The code.
        language: Of a fenced block; empty for one without, and for code inside a sentence.
    """

    page: str
    text: str
    language: str = ""


def blocks() -> Iterator[Snippet]:
    """Every fenced block."""
    for page in PAGES:
        for found in _FENCE.finditer(page.read_text(encoding="utf-8")):
            yield Snippet(name_of(page), found["text"], found["language"])


def inline() -> Iterator[Snippet]:
    """Every piece of code inside a sentence."""
    for page in PAGES:
        prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
        for found in _CODE.finditer(prose):
            yield Snippet(name_of(page), found["text"])


def command_lines(program: str) -> list[Snippet]:
    """Every shown call of a program: in console blocks after `$`, in blocks without a language, and in sentences."""
    call = re.compile(rf"^(?:\$ )?(?:\.venv/bin/)?(?P<call>{program}(?: [^#|;&\n]*)?)")
    lines = [
        Snippet(block.page, line.strip())
        for block in blocks()
        if block.language in ("", "console", "bash", "sh")
        for line in block.text.splitlines()
    ]
    found = [(snippet, call.match(snippet.text)) for snippet in (*lines, *inline())]
    return [Snippet(snippet.page, match["call"].strip()) for snippet, match in found if match]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()
