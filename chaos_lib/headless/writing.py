"""Write the report of a run: JSON, JUnit XML, one page for people and a page for every executed notebook."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters import HTMLExporter
from pygments.formatters import HtmlFormatter

from chaos_lib.headless import scoreboard as board
from chaos_lib.headless.junit import junit_xml
from chaos_lib.headless.out_folder import OutFolder
from chaos_lib.headless.report import NotebookResult, RunReport
from chaos_lib.headless.static_widgets import VIEW, StaticWidgets

_SCRIPTS = ("application/javascript", VIEW)


def write_report(report: RunReport, out: OutFolder) -> None:
    """Write `scoreboard.json`, `junit.xml`, `html/<phase>.html` and `report.html`."""
    # Programs first: a notebook that cannot be shown takes nothing from the numbers.
    out.scoreboard.write_text(board.scoreboard(report).model_dump_json(indent=2) + "\n", encoding="utf-8")
    out.junit.write_text('<?xml version="1.0" encoding="utf-8"?>\n' + junit_xml(report), encoding="utf-8")
    for result in report.notebooks:
        if result.executed is not None:
            page = notebook_page(result, result.executed)
            (out.html / f"{result.phase}.html").write_text(page, encoding="utf-8")
    out.report.write_text(report_page(report), encoding="utf-8")


def report_page(report: RunReport) -> str:
    """Return the report for people: one HTML page that loads nothing and runs no script."""
    return _render("report.html.j2", report=report, board=board, css=_css())


def notebook_page(result: NotebookResult, executed: Path) -> str:
    """Return an executed notebook as an HTML page that loads nothing and runs no script.

    Args:
        result: The notebook's row of the scoreboard.
        executed: The executed notebook's file.
    """
    notebook = nbformat.read(executed, as_version=4)
    _make_static(notebook)
    # `basic` is the notebook alone: the other templates load RequireJS, MathJax and a widget manager from the net.
    body, _ = HTMLExporter(template_name="basic", anchor_link_text="").from_notebook_node(notebook)
    return _render("notebook.html.j2", result=result, body=Markup(body), css=_css())  # noqa: S704 - nbconvert escaped it


def _make_static(notebook: Any) -> None:
    widgets = StaticWidgets(notebook)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            view = data.get(VIEW)
            for mime in _SCRIPTS:
                data.pop(mime, None)
            if view is not None:
                data["text/html"] = widgets.html(view["model_id"])
    notebook.metadata.pop("widgets", None)


def _render(template: str, **values: Any) -> str:
    environment = Environment(
        loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template(template).render(**values)


@cache
def _css() -> Markup:
    light = HtmlFormatter(style="default").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    css = f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n{_read('report.css')}"
    return Markup(css)  # noqa: S704 - from this package alone


def _read(name: str) -> str:
    return (files("chaos_lib.headless") / "pages" / name).read_text(encoding="utf-8")
