"""The quiz to take home: one page without scripts that needs nothing else, for screen and paper, light and dark."""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from chaos_lib import durable
from chaos_lib.errors import InvalidInput
from chaos_lib.mission_log import MissionLog
from chaos_lib.quiz.draw import shuffled
from chaos_lib.quiz.judge import judge, readable
from chaos_lib.quiz.question import Kind, Question
from chaos_lib.quiz.review import Tried, chosen
from chaos_lib.ui.card import inline

FILE = "quiz-review.html"
DAYS = 7
_STYLE = """
:root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--card:#f7f5fb;--line:#d0d7de;--accent:#6b3fa0;--muted:#545d68;--shade:#eeeff2}
@media (prefers-color-scheme:dark){:root{--fg:#e8eaed;--bg:#16181c;--card:#1e2126;--line:#4a5058;--accent:#cdb2ff;--muted:#b3bcc6;
--shade:#2b2f34}}
*{box-sizing:border-box}
body{margin:0 auto;padding:24px 18px 60px;max-width:780px;font:16px/1.55 system-ui,sans-serif;color:var(--fg);background:var(--bg)}
h1{font-size:1.7em;line-height:1.2;margin:.4em 0}
h2{font-size:1.05em;margin:0;color:var(--accent)}
article{margin:18px 0;padding:14px 18px;border:1px solid var(--line);border-left:4px solid var(--accent);border-radius:8px;
background:var(--card);break-inside:avoid}
.about,.then,.task{color:var(--muted);font-size:.88em}
.about{margin:0 0 8px}
fieldset{border:0;margin:0;padding:0}
.options{list-style:none;margin:6px 0;padding:0}
.options label{display:flex;gap:10px;align-items:baseline;padding:4px 0}
input{accent-color:var(--accent);font:inherit}
input[type=number]{width:3.4em}
pre,code{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.9em}
pre{padding:10px 12px;border-radius:6px;background:var(--shade);overflow:auto}
code{padding:0 4px;border-radius:4px;background:var(--shade)}
summary{cursor:pointer;font-weight:600;margin-top:10px}
details li{margin:.35em 0}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
"""


def write(log: MissionLog, folder: Path, *, now: Callable[[], float] = time.time) -> Path:
    """Write the file; one from before is replaced.

    Args:
        log: The mission's log.
        folder: Where to.
        now: Seconds since the epoch.

    Returns:
        The file.

    Raises:
        InvalidInput: No question was tried yet.
    """
    questions = chosen(log)
    if not questions:
        raise InvalidInput(
            "There is nothing to review yet.",
            evidence="no question of a quiz was answered in this mission",
            fix="Take a quiz first: `opchaos quiz phase-1-tests`.",
        )
    path = folder / FILE
    day = datetime.fromtimestamp(now()).astimezone() + timedelta(days=DAYS)
    text = _page(
        [_article(each, number) for number, each in enumerate(questions, start=1)], f"{day:%A, %d %B %Y}"
    )
    with durable.full_disk_told(path):
        draft = path.with_suffix(".draft")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    return path


def _page(articles: Sequence[str], day: str) -> str:
    """Return the page.

    Args:
        articles: HTML of the questions, in order.
        day: When to open it, for people.
    """
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Operation Chaos: what do you still know?</title><style>{_STYLE}</style></head><body>"
        "<h1>Operation Chaos: what do you still know?</h1>"
        f"<p><b>Keep this page until {day}.</b> Then answer each question before you open its answer: in your head, aloud, "
        "or with the fields. What comes hard is what you came for. What you do not know then, ask again after another week.</p>"
        f"<main>{''.join(articles)}</main></body></html>\n"
    )


def _article(tried: Tried, number: int) -> str:
    question = tried.question
    outcome = judge(question, tried.attempts[-1].answer, 1_000_000)  # a week later nothing is held back
    told = "".join(
        f"<li>{inline(note.about.rstrip('.'))}{': ' if note.about else ''}{inline(note.text)}</li>"
        for note in (*outcome.notes, *outcome.others)
    )
    why = f"<p>{inline(outcome.why)}</p>" if outcome.why else ""
    first = tried.attempts[0]
    then = (
        "You had it right at once."
        if first.is_right
        else f"Your first answer was: {inline(readable(question, first.answer))}"
    )
    return (
        f'<article><h2 id="q{number}">Question {number}</h2><p class="about">{html.escape(question.about)}</p>'
        f"<p>{inline(question.prompt)}</p>{_snippet(question)}{_inputs(question, number)}"
        f"<details><summary>Answer</summary><p><b>{inline(outcome.answer)}</b></p>{why}<ul>{told}</ul>"
        f'<p class="then">{then}</p></details></article>'
    )


def _snippet(question: Question) -> str:
    lines = question.snippet.splitlines()
    width = len(str(len(lines)))
    text = "\n".join(f"{number:>{width}}  {line}" for number, line in enumerate(lines, start=1))
    return f"<pre>{html.escape(text)}</pre>" if lines else ""


def _inputs(question: Question, number: int) -> str:
    task = html.escape(question.kind.task)
    options = shuffled(question.options, "review", lambda option: option.id)
    if not options:
        return f'<label class="task">{task} <input type="text" autocomplete="off"></label>'
    kind = {Kind.SINGLE: "radio", Kind.MULTIPLE: "checkbox"}.get(question.kind, "number")
    rows = []
    for option in options:
        field = f'<input type="{kind}" name="a{number}"{" min=1 max=6" if kind == "number" else ""}>'
        rows.append(f"<li><label>{field} {inline(option.text)}</label></li>")
    return (
        f'<fieldset><legend class="task">{task}</legend><ul class="options">{"".join(rows)}</ul></fieldset>'
    )
