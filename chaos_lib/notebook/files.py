"""The files of the workspace."""

from __future__ import annotations

from IPython.display import display

from chaos_lib.errors import InvalidInput
from chaos_lib.notebook.session import current
from chaos_lib.ui import cards, source_view, story


def show(path: str) -> None:
    """Show a file of your workspace."""
    mission = current()
    target = mission.experiment.guard.file(path)
    if not target.is_file():
        raise InvalidInput(
            f"`{path}` is not in your workspace.",
            evidence=str(mission.workspace.folder),
            fix="`chaos.tour()` lists what is there.",
        )
    display(source_view.file(path, target.read_text(encoding="utf-8", errors="replace")))


def tour() -> None:
    """List the files of your workspace, with a word on each room."""
    display(story.tour(current().workspace.folder))


def diff() -> None:
    """Show what has changed in your workspace since your last saved step."""
    display(source_view.diff(current().workspace.changes()))


def edit(path: str, old: str, new: str) -> None:
    """Replace the first occurrence of a text in a file of your workspace.

    Args:
        path: Relative to the workspace.
        old: What stands there.
        new: What shall stand there.
    """
    mission = current()
    target = mission.experiment.guard.file(path)
    text = target.read_text(encoding="utf-8") if target.is_file() else ""
    if not old or old not in text:
        raise InvalidInput(
            f"`{path}` does not contain that text.",
            evidence=f"looked for {old!r}",
            fix=f'`chaos.show("{path}")` shows the file; copy the text from there.',
        )
    was_kept = mission.workspace.write(path, text.replace(old, new, 1), message=f"Edit: {path}")
    display(cards.answered(path, was_kept=was_kept))


def restore(path: str) -> None:
    """Bring a file of your workspace back to its last commit: `git checkout -- PATH`. What it holds now is kept."""
    mission = current()
    mission.workspace.restore(path)
    display(cards.answered(path, was_kept=True))
