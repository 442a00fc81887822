"""Where the commands print: colour and frames in a terminal, plain lines elsewhere."""

from __future__ import annotations

import os

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

_PLAIN_WIDTH = 120
_LARGEST_WIDTH = 120
_CODE = r"`[^`\n]+`"


def console(*, stderr: bool = False) -> Console:
    """Return a console for standard output, or for standard error."""
    made = Console(stderr=stderr, highlight=False, emoji=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        # A pipe has no width: rich would take 80 columns and fold the tables.
        made.width = _PLAIN_WIDTH
    # Long lines are hard to read however wide the screen is.
    made.width = min(made.width, _LARGEST_WIDTH)
    return made


def prose(text: str, style: str = "") -> Text:
    """Return text with its `code` made visible."""
    shown = Text(text, style=style)
    shown.highlight_regex(_CODE, "cyan")
    return shown


def say(target: Console, text: str, style: str = "") -> None:
    """Print text; a terminal wraps it at words, a file gets whole lines."""
    target.print(prose(text, style), soft_wrap=not target.is_terminal)


def table(*columns: str) -> Table:
    """Return an empty table in the look of all our tables."""
    made = Table(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0)
    )
    for column in columns:
        made.add_column(column)
    return made
