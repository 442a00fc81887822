"""Small accidents to a Jenkinsfile: what a slip of the hand does."""

from __future__ import annotations

from collections.abc import Callable

EDITS: dict[str, Callable[[str, int], str]] = {
    "cut": lambda text, at: text[:at],
    "delete": lambda text, at: text[:at] + text[at + 1 :],
    "double": lambda text, at: text[: at + 1] + text[at:],
    "join": lambda text, at: text[:at] + " " + text[at + 1 :],
}
"""By name: the text ends at an offset; the character there is left out, written twice, or replaced by a blank."""


def edited(text: str, edit: str, at: int) -> str:
    """Return a text after one accident.

    Args:
        text: Before it.
        edit: Its name in `EDITS`.
        at: Where, as an offset.
    """
    return EDITS[edit](text, at)
