"""Widgets as plain HTML: a page that runs no script still shows what a participant would have seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

VIEW = "application/vnd.jupyter.widget-view+json"
_STATE = "application/vnd.jupyter.widget-state+json"
_REFERENCE = "IPY_MODEL_"
_DEEPEST = 30
_BOXES = {
    "VBoxModel": "column",
    "BoxModel": "row",
    "HBoxModel": "row",
    "GridBoxModel": "row",
    "AccordionModel": "column",
    "TabModel": "column",
    "StackModel": "column",
}


class StaticWidgets:
    """The widgets of one executed notebook.

    Args:
        notebook: The executed notebook; nbclient saved the state of its widgets in its metadata.
    """

    def __init__(self, notebook: Any) -> None:
        widgets = notebook.metadata.get("widgets", {}).get(_STATE, {})
        self._models: Mapping[str, Any] = widgets.get("state", {})

    def html(self, model_id: str, *, depth: int = 0) -> str:
        """Return a widget and all its children as HTML; a widget without a plain form is named in brackets."""
        model = self._models.get(model_id)
        if model is None or depth > _DEEPEST:
            return ""
        name, state = str(model.get("model_name")), model["state"]
        if name in _BOXES:
            children = "".join(
                self.html(str(child).removeprefix(_REFERENCE), depth=depth + 1)
                for child in state.get("children", ())
            )
            return f'<div class="widget {_BOXES[name]}">{children}</div>'
        if name in ("ButtonModel", "ToggleButtonModel"):
            off = " off" if state.get("disabled") else ""
            return f'<span class="widget-button{off}">{escape(str(state.get("description", "")))}</span>'
        if name in ("HTMLModel", "HTMLMathModel"):
            return f'<div class="widget-html">{state.get("value", "")}</div>'
        if name == "OutputModel":
            return _outputs(state.get("outputs", ()))
        if name in ("IntProgressModel", "FloatProgressModel"):
            low, high, value = (float(state.get(key, 0)) for key in ("min", "max", "value"))
            share = (value - low) / (high - low) if high > low else 0.0
            label = escape(str(state.get("description", "")))
            return (
                f'<label class="widget">{label} <progress value="{share:.4f}"></progress> {share:.0%}</label>'
            )
        if "value" in state:
            label = escape(str(state.get("description", "")))
            return f'<span class="widget">{label} {escape(str(state["value"]))}</span>'
        return f'<span class="widget-other">[{escape(name.removesuffix("Model"))} widget]</span>'


def _outputs(outputs: Sequence[Any]) -> str:
    parts = []
    for output in outputs:
        data = output.get("data", {})
        if output.get("output_type") == "stream":
            parts.append(f"<pre>{escape(output.get('text', ''))}</pre>")
        elif output.get("output_type") == "error":
            parts.append(f"<pre>{escape(output.get('ename', ''))}: {escape(output.get('evalue', ''))}</pre>")
        elif "text/html" in data:
            parts.append(f'<div class="output_html">{data["text/html"]}</div>')
        elif "image/png" in data:
            parts.append(
                f'<img alt="picture made by the cell" src="data:image/png;base64,{data["image/png"]}">'
            )
        elif "text/plain" in data:
            parts.append(f"<pre>{escape(data['text/plain'])}</pre>")
    return f'<div class="widget-output">{"".join(parts)}</div>'
