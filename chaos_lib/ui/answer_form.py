"""A form with one answer: options to choose from, things to put in order, or a line of text, and its button.

It is a widget of our own because those of ipywidgets fall short here. Their radio buttons belong to no group, so the arrow
keys do not move between them and a screen reader does not say what they are about. And a button is a message of its own, which
can overtake the value that was typed just before it; here the value and the press are one change. JupyterLab takes arrow
keys and Enter for its own even while an input has the focus: an attribute on the very element asks it not to.
"""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

_ESM = """
function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  if (["input", "select", "button"].includes(name)) element.setAttribute("data-lm-suppress-shortcuts", "true");
  element.append(...children);
  return element;
}

const FIELDS = {
  choices(model, group) {
    const name = "oc-" + Math.random().toString(36).slice(2);
    const inputs = model.get("labels").map((html) => {
      const input = make("input", { type: model.get("kind") === "checkbox" ? "checkbox" : "radio", name });
      group.append(make("label", {}, input, make("span", { innerHTML: html })));
      return input;
    });
    group.addEventListener("change", () => {
      model.set("chosen", inputs.flatMap((input, index) => (input.checked ? [index] : [])));
    });
    return () => inputs.forEach((input, index) => { input.checked = model.get("chosen").includes(index); });
  },

  order(model, group) {
    const show = () => model.get("chosen").forEach((index, place) => { selects[place].value = index; });
    const selects = model.get("labels").map((_, place, labels) => {
      const select = make("select", {}, ...labels.map((text, index) => new Option(text, index)));
      // What stood here goes to the place that held what is here now: each stays there exactly once.
      select.addEventListener("change", () => {
        const order = [...model.get("chosen")];
        const now = Number(select.value);
        order[order.indexOf(now)] = order[place];
        order[place] = now;
        model.set("chosen", order);
        show();
      });
      group.append(make("label", {}, `${place + 1}.`, select));
      return select;
    });
    return show;
  },

  text(model, group) {
    const input = make("input", { type: "text", autocomplete: "off", spellcheck: false });
    input.addEventListener("input", () => model.set("text", input.value));
    group.append(make("label", {}, "Your answer", input));
    return () => { input.value = model.get("text"); };
  },
};

function render({ model, el }) {
  const kind = model.get("kind");
  const group = make("fieldset", { className: `oc oc-choices oc-${kind}` },
    make("legend", { className: "oc-label", textContent: model.get("legend") }));
  const show = (FIELDS[kind] || FIELDS.choices)(model, group);
  const button = make("button", {
    type: "submit", title: model.get("tip"), textContent: "Answer",
    className: "jupyter-widgets jupyter-button oc-btn oc-main",
  });
  const form = make("form", {}, group, make("div", { className: "oc-buttons" }, button));
  // Something around a widget keeps Enter from sending a form by itself.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.type !== "text") return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    model.set("presses", model.get("presses") + 1);
    model.save_changes();
  });
  model.on("change:chosen", show);
  model.on("change:text", show);
  show();
  el.append(form);
  return () => { model.off("change:chosen", show); model.off("change:text", show); };
}
export default { render };
"""


class AnswerForm(anywidget.AnyWidget):  # type: ignore[misc]
    """The form of one question; observe `presses` to be told of an answer.

    Attributes:
        kind: `radio`, `checkbox`, `lines` (radio buttons beside lines of code), `order` or `text`.
        legend: What to do.
        labels: Of each option: escaped HTML, for `order` plain text.
        chosen: Places of what is chosen, from 0; for `order` which of them stands at each place.
        text: What was typed.
        tip: The button's tooltip.
        presses: How often the button was pressed.
    """

    _esm = _ESM
    kind = traitlets.Unicode("radio").tag(sync=True)
    legend = traitlets.Unicode("").tag(sync=True)
    labels = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chosen = traitlets.List(traitlets.Int()).tag(sync=True)
    text = traitlets.Unicode("").tag(sync=True)
    tip = traitlets.Unicode("").tag(sync=True)
    presses = traitlets.Int(0).tag(sync=True)

    def click(self, *_: Any) -> None:
        """Press the button: the same change of state that a press in the page makes."""
        self.presses += 1
