"""How a living thing gets onto the page: as a widget for a person, as plain HTML for a reader of the executed notebook."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from IPython.display import display

# Set by the headless runner and by nbgrader: nobody looks, and no widget will ever be drawn from the saved notebook.
_NOBODY_LOOKS = ("OPCHAOS_HEADLESS", "NBGRADER_EXECUTION")


def has_front_end() -> bool:
    """Whether a person may be looking at this kernel's outputs."""
    return not any(name in os.environ for name in _NOBODY_LOOKS)


@dataclass(frozen=True)
class Snapshot:
    """What a living thing looks like now.

    Attributes:
        html: Complete with style.
        text: The same facts as plain text.
    """

    html: str
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, str]:
        return {"text/html": self.html, "text/plain": self.text}


class Place:
    """One output on the page that can be redrawn.

    Args:
        show: Puts a value on the page and returns a handle with `update`, or None where there is no page.
    """

    def __init__(self, show: Callable[..., Any] | None = None) -> None:
        self._show = show or display
        self._handle: Any = None

    def put(self, value: object) -> None:
        """Draw a value here; the one that was here is replaced."""
        if self._handle is None:
            self._handle = self._show(value, display_id=True)
        else:
            self._handle.update(value)

    @property
    def is_drawn(self) -> bool:
        """Whether there is something to redraw."""
        return self._handle is not None


class Living:
    """Base of what changes after it was shown; a subclass has a widget and can say what it looks like.

    Attributes:
        widget: The ipywidgets widget.
    """

    widget: Any

    def __init__(self) -> None:
        self._place = Place()

    @property
    def snapshot(self) -> Snapshot:
        """What it looks like now, without widgets."""
        raise NotImplementedError

    @property
    def text(self) -> str:
        """What it says now, as plain text."""
        return self.snapshot.text

    def renew_snapshot(self) -> None:
        """Redraw what an executed notebook keeps."""
        if self._place.is_drawn:
            self._place.put(self.snapshot)

    def __repr__(self) -> str:
        return self.text

    def bundle(self) -> Mapping[str, Any]:
        """What a front end gets: the widget, and a snapshot for pages without widgets."""
        data = self.widget._repr_mimebundle_()
        # anywidget gives data and metadata, ipywidgets data alone.
        data = data[0] if isinstance(data, tuple) else data
        return {**(data or {}), **self.snapshot._repr_mimebundle_()}

    def _ipython_display_(self) -> None:
        if has_front_end():
            display(self.bundle(), raw=True)
        else:
            self._place = Place()
            self._place.put(self.snapshot)
