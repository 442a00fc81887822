"""Says news to screen readers.

An ipywidgets HTML widget replaces its content, and with it any live region inside: most screen readers then say nothing.
This one keeps its element in the page and changes only the text in it.
"""

from __future__ import annotations

import anywidget
import traitlets

_ESM = """
function render({ model, el }) {
  el.classList.add("oc-sr");
  el.setAttribute("role", "status");
  el.setAttribute("aria-live", "polite");
  const say = () => { el.textContent = model.get("message"); };
  model.on("change:message", say);
  say();
}
export default { render };
"""


class Announcer(anywidget.AnyWidget):  # type: ignore[misc]
    """A polite live region that only screen readers see.

    Attributes:
        message: What is said when it changes.
    """

    _esm = _ESM
    _css = """.oc-sr{position:absolute!important;width:1px;height:1px;margin:-1px;overflow:hidden;
    clip-path:inset(50%);white-space:nowrap}"""
    message = traitlets.Unicode("").tag(sync=True)
