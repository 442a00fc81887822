"""Files and diffs of the workspace, as one reads them in an editor: lines are not wrapped, changed lines are marked."""

from __future__ import annotations

import html
import re
from pathlib import PurePosixPath

from chaos_lib.ui.card import Card, Tone
from chaos_lib.ui.page import Snapshot
from chaos_lib.ui.theme import STYLE

# What git says for programs, not for people.
_NOISE = ("diff --git ", "index ", "--- ", "new file mode ", "deleted file mode ", "old mode ", "new mode ")
_LOOK = {"+": ("oc-added", "+"), "-": ("oc-removed", "−")}


def file(path: str, text: str) -> Snapshot:
    """Show a file.

    Args:
        path: Relative to the workspace; its ending decides the colours.
        text: The content.
    """
    return Snapshot(
        f"{STYLE}{_frame(path, '', f'<div class=highlight>{_pre(path, coloured(path, text.rstrip()))}</div>')}",
        f"{path}\n\n{text.rstrip()}",
    )


def diff(changes: str) -> Snapshot:
    """Show what has changed, file by file.

    Args:
        changes: What `git diff` says; empty when nothing has.
    """
    if not changes.strip():
        card = Card(Tone.GOOD, "✓", "NO CHANGES", "Your workspace is as it was at your last saved step.")
        return Snapshot(card.html, card.text)
    body = "".join(_file_diff(part) for part in _files(changes))
    return Snapshot(STYLE + body, changes.strip())


def _files(changes: str) -> list[list[str]]:
    parts: list[list[str]] = []
    for line in changes.splitlines():
        if line.startswith("diff --git ") or not parts:
            parts.append([])
        parts[-1].append(line)
    return parts


def _file_diff(lines: list[str]) -> str:
    path = lines[0].rpartition(" b/")[2]
    start = next((number for number, line in enumerate(lines) if line.startswith("@@")), len(lines))
    shown = [_line(line) for line in lines[start:]]
    if not shown:  # a mode, a binary file: git's words are all there is
        shown = [html.escape(line) for line in lines[1:]]
    added = sum(line.startswith("+") for line in lines[start:])
    removed = sum(line.startswith("-") for line in lines[start:])
    return _frame(path, f"+{added} −{removed} lines", _pre(path, "\n".join(shown)))


def _line(line: str) -> str:
    if line.startswith("@@"):
        first = re.search(r"\+(\d+)", line)
        return f'<span class="oc-where">from line {first[1] if first else "?"}</span>'
    css, mark = _LOOK.get(line[:1], ("", " "))
    return f'<span class="{css}">{mark} {html.escape(line[1:]) or " "}</span>'


def coloured(path: str, text: str) -> str:
    """Return text as HTML with the colours of its language, which the ending of its path tells."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import TextLexer, get_lexer_for_filename
    from pygments.util import ClassNotFound

    name = PurePosixPath(path).name
    try:
        lexer = get_lexer_for_filename("a.sh" if name.endswith(".env") else name, stripall=False)
    except ClassNotFound:
        lexer = TextLexer()
    return str(highlight(text, lexer, HtmlFormatter(nowrap=True))).rstrip("\n")


def _pre(path: str, body: str) -> str:
    # tabindex: a scrolling area has to be reachable with the keyboard.
    return f'<pre class="oc-pre oc-source" tabindex="0" role="region" aria-label="{html.escape(path)}">{body}</pre>'


def _frame(path: str, fact: str, body: str) -> str:
    badge = f'<span class="oc-badges"><span class="oc-badge">{fact}</span></span>' if fact else ""
    return (
        f'<div class="oc oc-file"><div class="oc-head"><span class="oc-path">{html.escape(path)}</span> {badge}</div>'
        f"{body}</div>"
    )
